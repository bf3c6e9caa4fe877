#pragma once
// Real anonymous memory that the kernel may swap out, with what each of its pages must contain.

#include <cstdint>
#include <memory>
#include <vector>

#include "arena.h"

class Call;

/// A private anonymous mapping in pages of 4096 bytes, never huge. Rows of the vectors are vpns.
class Memory {
 public:
  /// Throws SystemFailure.
  explicit Memory(size_t pages);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  char* page(size_t vpn) const { return base + vpn * PAGE; }
  const char* contentOf(size_t vpn) const { return corpus->base + corpusPage[vpn] * PAGE; }
  /// Before the end of its life, where something else has to outlast it.
  void unmap();

  /// From a call's arguments: the corpus arena, and behind it one page of it for each of the first `count` pages.
  void takeContents(const Call& call, size_t arenaIndex, size_t count);
  /// Throws BadArgument where there are none, or none any more.
  void needContents() const;

  /// Pages that are in memory, by /proc/self/pagemap. Throws SystemFailure.
  size_t present(size_t first, size_t count) const;

  char* base = nullptr;
  const size_t pages;
  int vmstat = -1;

  std::shared_ptr<Arena> corpus;
  std::vector<uint32_t> corpusPage;
  /// 1: its corpus page is one repeated word, which is never stamped.
  std::vector<uint8_t> plain;
  /// 0: never touched, or given back.
  std::vector<uint32_t> version;
  /// Versions are never used twice, also after a page was given back.
  std::vector<uint32_t> lastVersion;
  /// Mapped by a read: the first write to it faults once more, without any swapping.
  std::vector<uint8_t> readMapped;
};
