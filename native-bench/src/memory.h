#pragma once
// Real anonymous memory that the kernel may swap out, with what each of its pages must contain.

#include <cstdint>
#include <memory>
#include <vector>

#include "arena.h"

/// A private anonymous mapping in pages of 4096 bytes, never huge. Rows of the vectors are vpns.
class Memory {
 public:
  /// Throws SystemFailure.
  explicit Memory(size_t pages);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  char* page(size_t vpn) const { return base + vpn * PAGE; }

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
