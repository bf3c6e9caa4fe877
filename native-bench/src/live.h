#pragma once
// Live memory: real anonymous memory whose missing pages the caller brings, by userfaultfd. One thread, the engine's, brings pages, takes
// them out and asks what was written. Who touches them is either the same thread (no threads: a missing page ends the touch by a signal)
// or threads of its own (the kernel stops them in the fault and tells the engine's).

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "memory.h"
#include "missing_page.h"

/// An access as JavaScript gives it: vpn << 2 | op.
struct Access {
  enum Op : uint32_t { READ, WRITE };
  size_t vpn;
  bool write;
};

/// A fault that has been answered: by what (the caller's number), and what the touch took, ns.
struct AnsweredFault {
  uint8_t kind;
  uint64_t ns;
};

/// One thread's part of the accesses: the pages whose number modulo the number of threads is its own, so that no page has two writers
/// and each knows what its pages must contain.
struct Toucher {
  Touch touch;
  std::thread thread;
  /// It can be called out: its thread has begun the batch.
  std::atomic<bool> begun = false;
  /// Of the batch: what it found, and the time of its own checks, ns. Read by the engine's thread when the batch has ended.
  std::vector<AnsweredFault> faults;
  size_t faultCount = 0;
  uint64_t verified = 0;
  int64_t mismatch = -1;
  uint64_t elapsedNs = 0;
  bool calledOut = false;
};

class Live {
 public:
  /// Pages of the staging area behind the range, and most that wait there or in the range itself to be dropped together.
  static constexpr size_t STAGING = 64;
  static constexpr size_t MAX_BATCH = 1 << 16;

  /// Why there can be none here; empty where there can.
  struct Support {
    std::string withoutThreads;
    std::string withThreads;
  };
  static Support support();

  /// Throws SystemFailure.
  Live(size_t pages, size_t threads);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  Memory memory;
  const size_t pages;
  /// 0: the engine's own thread touches.
  const size_t threads;

  // --- The engine's side; one thread ---------------------------------------------------------------------------------

  bool mapped(size_t vpn) const { return mapped_[vpn] != 0; }
  /// Brings a page: a copy of `from`, or zeros where it is null. `protect`: its first write is noticed, else it counts as written.
  void map(size_t vpn, const char* from, uint8_t kind, bool protect);
  /// Whether a mapped page was written since it was mapped or last asked; asked again, it must have been written again.
  bool written(size_t vpn);
  /// Takes a page out: afterwards its content is in `to`, and a touch finds it missing. `clean`: `to` holds what was mapped. Returns whether
  /// it was written after written() said no.
  bool unmap(size_t vpn, char* to, bool clean);
  /// Gives up a page with its content.
  void discard(size_t vpn);
  /// Pages taken out leave memory now; until then up to STAGING of them are still there.
  void flush();

  // --- The touching side ---------------------------------------------------------------------------------------------

  /// The engine's thread touches one byte; nothing may wait for flush(). False where the page is missing.
  bool touchHere(size_t vpn, bool write);
  /// Hands a batch to the threads. They must be idle.
  void start(std::vector<Access> batch);
  /// Waits for a missing page, at most so long, and gives `(vpn << 1) | write` for each; -1 where the batch has ended.
  int wait(uint32_t* events, size_t room, int timeoutMs);
  bool busy() const { return running_; }
  bool over() const { return over_; }
  /// The batch that ended, thread by thread.
  const std::vector<std::unique_ptr<Toucher>>& touchers() const { return touchers_; }
  /// Calls out threads that wait for pages that nobody will bring. For good: afterwards none touches anything.
  void callOut();

  /// A page that was just brought, or found: content filled at the first touch, else compared. False where it differs.
  bool check(size_t vpn, bool& verified);
  void put(size_t vpn);

  /// Of the access that touchHere() found missing.
  struct {
    bool waiting = false;
    size_t vpn = 0;
    bool write = false;
    uint64_t startNs = 0;
  } pending;

 private:
  void work(size_t index);
  void carryOut(Toucher& toucher, size_t index);
  void retire();

  const SigbusGuard guard_;
  Touch here_;
  int uffd_ = -1;
  int pagemap_ = -1;
  int process_ = -1;
  /// By vpn. `answered_`: kind + 1 of the last answer, until the toucher has seen it.
  std::vector<uint8_t> mapped_;
  std::unique_ptr<std::atomic<uint8_t>[]> answered_;
  /// Pages still in place that are to be dropped (no threads), or pages in use of the staging area.
  size_t dropping_[STAGING];
  size_t dropCount_ = 0;

  std::vector<std::unique_ptr<Toucher>> touchers_;
  std::vector<Access> batch_;
  std::mutex mutex_;
  std::condition_variable begin_;
  uint64_t batchNumber_ = 0;
  size_t working_ = 0;
  bool quit_ = false;
  bool running_ = false;
  bool over_ = false;
  /// Readable when all threads have ended their batch.
  int ended_ = -1;
};
