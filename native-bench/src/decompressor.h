#pragma once
// Decompresses pages on a thread of its own, in the order in which they are asked for. Who waits for it does what that thread has no CPU for.

#include <atomic>
#include <memory>
#include <thread>

#include "arena.h"
#include "codec.h"

class Decompressor {
 public:
  static constexpr uint64_t MOST_PENDING = 256;

  /// Where the calling thread is pinned to one CPU, the new one runs on the others. Throws SystemFailure where there is none.
  Decompressor(std::unique_ptr<Codec> codec, std::shared_ptr<Arena> arena);
  /// Waits until everything is done.
  ~Decompressor();

  const std::shared_ptr<Arena> arena;

  /// Waits where MOST_PENDING are pending already.
  void post(const char* src, size_t bytes, char* page);
  /// Waits until at most `behind` are pending. Returns false where the bytes of one that has ended since the last call gave no page.
  bool wait(uint64_t behind);
  /// Time inside the codec so far.
  uint64_t busyNs() const { return busyNs_.load(std::memory_order_relaxed); }

 private:
  struct Request {
    const char* src;
    size_t bytes;
    char* page;
  };

  void work();
  /// Does the next request, if there is one and nobody is at one.
  bool doNext();
  void waitFor(uint64_t behind);
  /// Ends the thread; nothing is pending.
  void end();

  const std::unique_ptr<Codec> codec_;
  Request requests_[MOST_PENDING];
  // Each side's own word in its own cache line.
  alignas(64) std::atomic<uint64_t> posted_{0};
  std::atomic<bool> ending_{false};
  alignas(64) std::atomic<bool> working_{false};
  std::atomic<uint64_t> done_{0};
  std::atomic<uint64_t> busyNs_{0};
  std::atomic<bool> corrupt_{false};
  std::thread thread_;
};
