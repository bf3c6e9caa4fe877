#pragma once
// io_uring by raw system calls: one ring, one file, a fixed number of operations under way.

#include <linux/io_uring.h>
#include <sys/uio.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arena.h"
#include "file.h"

class Ring {
 public:
  struct Completion {
    int64_t token;
    int32_t result;
    uint64_t submittedNs;
    uint64_t completedNs;
  };

  /// Throws SystemFailure. Arenas that the limits do not allow to pin are used unpinned. With `transfersOnly` no sync may be queued, and the kernel (6.1 and
  /// later) hands completions over to this thread, the only one that may use the ring, when it waits or polls, instead of interrupting it for each: 1 to 2 us of
  /// an operation of 45. A sync would suffer from it: it would start when this thread next asks, and drained never, where the thread waits for it and what
  /// is before it at once (6.18 wakes it when as much has completed as it waits for).
  Ring(std::shared_ptr<File> file, uint32_t entries, const std::vector<std::shared_ptr<Arena>>& arenas, bool registerFile,
       bool transfersOnly);
  /// Waits for what is under way. What was queued and never submitted never happens.
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool full() const { return free_.empty(); }
  bool transfersOnly() const { return transfersOnly_; }
  void queueTransfer(bool write, std::shared_ptr<Arena> arena, char* base, size_t bytes, uint64_t offset, int64_t token);
  /// Scattered memory to or from one place of the file, as one operation.
  void queueVector(bool write, std::shared_ptr<Arena> arena, const std::vector<iovec>& parts, uint64_t offset, int64_t token);
  /// Starts when everything queued before it has completed, and what is queued after it waits for it.
  void queueDatasync(int64_t token);
  /// Starts when the operation queued just before it, which must not have been submitted yet, has completed, and holds up nothing else. Cancelled
  /// (-ECANCELED) where that one failed or fell short.
  void queueLinkedDatasync(int64_t token);
  /// Whether queueLinkedDatasync has something to be linked to.
  bool hasQueued() const { return !queued_.empty(); }
  /// Submits what is queued, and waits in the same system call until `atLeast` completions can be collected. Returns how many
  /// were submitted; fewer than were queued where the kernel is short of memory.
  uint32_t submit(uint32_t atLeast);
  /// Blocks until `atLeast` completions can be collected or nothing is under way.
  void wait(uint64_t atLeast);
  /// Has the kernel hand over what has completed, where it does so on request only.
  void poll();
  /// Takes one completion if one is there. `now` is when it is seen.
  bool collect(uint64_t now, Completion& completion);
  /// How many of the arenas' bytes are pinned as fixed buffers.
  uint64_t pinnedBytes() const;
  bool fileRegistered() const { return fileRegistered_; }

  /// Empty where this kernel lets this process use io_uring, else why not.
  static std::string whyUnavailable();

 private:
  struct Operation {
    int64_t token = 0;
    uint64_t submittedNs = 0;
    std::shared_ptr<Arena> arena;  // its memory stays while the kernel may touch it
    std::vector<iovec> parts;      // and so does the list of its pieces
  };
  /// A piece of an arena known to the kernel.
  struct Fixed {
    std::shared_ptr<Arena> arena;
    char* base;
    size_t bytes;
  };

  void map(const io_uring_params& parameters);
  void unmap();
  void pin(const std::vector<std::shared_ptr<Arena>>& arenas);
  io_uring_sqe& next(int64_t token, std::shared_ptr<Arena> arena);
  /// Entry that was queued `back` entries before the next one.
  io_uring_sqe& queuedEntry(size_t back);
  uint32_t ready() const;

  bool transfersOnly_;
  bool deferred_ = false;
  std::shared_ptr<File> file_;
  int fd_ = -1;
  bool fileRegistered_ = false;
  std::vector<Operation> operations_;
  std::vector<uint32_t> free_;    // operations not in use
  std::vector<uint32_t> queued_;  // operations queued since the last submit, in order
  uint32_t underWay_ = 0;
  std::vector<Fixed> fixed_;

  // The two queues, shared with the kernel.
  void* rings_ = nullptr;
  size_t ringsBytes_ = 0;
  io_uring_sqe* sqes_ = nullptr;
  size_t sqesBytes_ = 0;
  std::atomic<uint32_t>* sqTail_ = nullptr;
  std::atomic<uint32_t>* sqFlags_ = nullptr;
  uint32_t sqMask_ = 0;
  uint32_t* sqArray_ = nullptr;
  std::atomic<uint32_t>* cqHead_ = nullptr;
  std::atomic<uint32_t>* cqTail_ = nullptr;
  uint32_t cqMask_ = 0;
  io_uring_cqe* cqes_ = nullptr;
};
