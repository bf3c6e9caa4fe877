#include "live.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "clock.h"
#include "failure.h"
#include "stamp.h"
#include "userfaultfd.h"

namespace {

alignas(PAGE) const char ZEROS[PAGE] = {};

/// Another thread holds what the operation needs for a moment (UFFDIO_COPY(2), UFFDIO_MOVE(2)).
constexpr int BUSY_RETRIES = 1000;

/// Always 0, which the compiler must not know: a touch for writing leaves the content as it is.
volatile char nothing = 0;

void touchByte(char* byte, bool write) {
  if (write)
    __atomic_fetch_or(byte, nothing, __ATOMIC_RELAXED);
  else
    (void)*const_cast<const volatile char*>(byte);
}

/// Kept apart: a function that calls sigsetjmp keeps nothing in registers over it.
[[gnu::noinline]] bool touchOrLeave(Touch& touch, char* byte, bool write) {
  if (sigsetjmp(touch.out, 0) != 0) return false;
  touch.armed = true;
  touchByte(byte, write);
  touch.armed = false;
  return true;
}

int openUserfaultfd() {
  // User mode only: nothing but the touches below meets a missing page, and nobody has to be privileged.
  return static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY));
}

constexpr uint64_t ALWAYS = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_ASYNC;
constexpr uint64_t WITHOUT_THREADS = ALWAYS | UFFD_FEATURE_SIGBUS;
constexpr uint64_t WITH_THREADS = ALWAYS | UFFD_FEATURE_MOVE;

std::string missingFeatures(uint64_t features, uint64_t wanted) {
  constexpr std::pair<uint64_t, const char*> NAMES[] = {{UFFD_FEATURE_PAGEFAULT_FLAG_WP, "write protection (Linux 5.7)"},
                                                        {UFFD_FEATURE_SIGBUS, "SIGBUS (Linux 4.14)"},
                                                        {UFFD_FEATURE_WP_ASYNC, "WP_ASYNC (Linux 6.7)"},
                                                        {UFFD_FEATURE_MOVE, "MOVE (Linux 6.8)"}};
  std::string text;
  for (const auto& [feature, name] : NAMES)
    if ((wanted & feature) && !(features & feature)) text += (text.empty() ? "this kernel's userfaultfd lacks " : ", ") + std::string(name);
  return text;
}

}  // namespace

Live::Support Live::support() {
  const int fd = openUserfaultfd();
  if (fd < 0) {
    const std::string why = "userfaultfd: " + errnoText(errno);
    return {why, why};
  }
  // Asked with none, it names all; a second time it may not be asked, so the descriptor is thrown away.
  uffdio_api api = {};
  api.api = UFFD_API;
  const bool told = ioctl(fd, UFFDIO_API, &api) == 0;
  const std::string why = told ? "" : "userfaultfd: " + errnoText(errno);
  close(fd);
  if (!told) return {why, why};
  return {missingFeatures(api.features, WITHOUT_THREADS), missingFeatures(api.features, WITH_THREADS)};
}

Live::Live(size_t pageCount, size_t threadCount)
    : memory(pageCount + STAGING), pages(pageCount), threads(threadCount), mapped_(pageCount) {
  answered_ = std::make_unique<std::atomic<uint8_t>[]>(pageCount);
  try {
    // A child would share the pages, which then cannot be moved.
    if (madvise(memory.base, memory.pages * PAGE, MADV_DONTFORK) < 0) throwSystem(errno, "madvise", "", "MADV_DONTFORK");
    uffd_ = openUserfaultfd();
    if (uffd_ < 0) throwSystem(errno, "userfaultfd", "");
    uffdio_api api = {};
    api.api = UFFD_API;
    api.features = threads == 0 ? WITHOUT_THREADS : WITH_THREADS;
    if (ioctl(uffd_, UFFDIO_API, &api) < 0) throwSystem(errno, "ioctl", "", "UFFDIO_API");
    uffdio_register range = {};
    range.range = {reinterpret_cast<uintptr_t>(memory.base), memory.pages * PAGE};
    range.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP;
    if (ioctl(uffd_, UFFDIO_REGISTER, &range) < 0) throwSystem(errno, "ioctl", "", "UFFDIO_REGISTER");
    pagemap_ = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (pagemap_ < 0) throwSystem(errno, "open", "/proc/self/pagemap");
    process_ = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
    if (process_ < 0) throwSystem(errno, "pidfd_open", "");
    here_.begin = memory.base;
    here_.end = memory.page(pages);
    if (threads == 0) return;
    ended_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ended_ < 0) throwSystem(errno, "eventfd", "");
    // The process's signals stay with the threads that were there before.
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    for (const int own : {SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGABRT, SIGTRAP}) sigdelset(&blocked, own);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    try {
      for (size_t index = 0; index < threads; ++index) {
        touchers_.push_back(std::make_unique<Toucher>());
        touchers_.back()->touch.begin = here_.begin;
        touchers_.back()->touch.end = here_.end;
      }
      for (size_t index = 0; index < threads; ++index) touchers_[index]->thread = std::thread([this, index] { work(index); });
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  } catch (const std::system_error& error) {
    retire();
    throwSystem(error.code().value(), "pthread_create", "");
  } catch (...) {
    retire();
    throw;
  }
}

Live::~Live() { retire(); }

/// The threads end first, then the memory goes, and the descriptor last: with it closed, missing pages would read as zeros.
void Live::retire() {
  callOut();
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  begin_.notify_all();
  for (const auto& toucher : touchers_)
    if (toucher->thread.joinable()) toucher->thread.join();
  memory.unmap();
  for (const int fd : {uffd_, pagemap_, process_, ended_})
    if (fd >= 0) close(fd);
}

// --- The engine's side -------------------------------------------------------------------------------------------------

void Live::map(size_t vpn, const char* from, uint8_t kind, bool protect) {
  if (threads == 0) flush();  // the page itself may be among those
  answered_[vpn].store(static_cast<uint8_t>(kind + 1), std::memory_order_relaxed);
  uffdio_copy copy = {};
  copy.dst = reinterpret_cast<uintptr_t>(memory.page(vpn));
  copy.src = reinterpret_cast<uintptr_t>(from ? from : ZEROS);
  copy.len = PAGE;
  copy.mode = protect ? UFFDIO_COPY_MODE_WP : 0;
  for (int turn = 0;; ++turn) {
    if (ioctl(uffd_, UFFDIO_COPY, &copy) == 0) break;
    if (errno != EAGAIN || turn == BUSY_RETRIES) throwSystem(errno, "ioctl", "", "UFFDIO_COPY");
  }
  mapped_[vpn] = 1;
}

bool Live::written(size_t vpn) {
  if (!mapped_[vpn]) return false;
  page_region region = {};
  pm_scan_arg scan = {};
  scan.size = sizeof scan;
  scan.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC;
  scan.start = reinterpret_cast<uintptr_t>(memory.page(vpn));
  scan.end = scan.start + PAGE;
  scan.vec = reinterpret_cast<uintptr_t>(&region);
  scan.vec_len = 1;
  scan.category_mask = PAGE_IS_WRITTEN;
  scan.return_mask = PAGE_IS_WRITTEN;
  const int regions = ioctl(pagemap_, PAGEMAP_SCAN, &scan);
  if (regions < 0) throwSystem(errno, "ioctl", "", "PAGEMAP_SCAN");
  return regions > 0;
}

bool Live::unmap(size_t vpn, char* to, bool clean) {
  if (!mapped_[vpn]) return false;
  if (dropCount_ == STAGING) flush();
  mapped_[vpn] = 0;
  if (threads == 0) {
    // Nobody else touches it: it can be copied where it is, and leave with others.
    if (!clean) memcpy(to, memory.page(vpn), PAGE);
    dropping_[dropCount_++] = vpn;
    return false;
  }
  // Moved away in one step, so that a write either is in what was moved or faults: a copy would lose the one that comes between copy and drop.
  char* staged = memory.page(pages + dropCount_);
  uffdio_move move = {};
  move.dst = reinterpret_cast<uintptr_t>(staged);
  move.src = reinterpret_cast<uintptr_t>(memory.page(vpn));
  move.len = PAGE;
  for (int turn = 0;; ++turn) {
    if (ioctl(uffd_, UFFDIO_MOVE, &move) == 0) break;
    const int number = errno;
    if (number == EAGAIN && turn < BUSY_RETRIES) continue;
    // Linux 6.18 moves a page in one of a thousand races and then says that it is there. The staging page was empty, so it is the one.
    if (number == EEXIST && memory.present(vpn, 1) == 0 && memory.present(pages + dropCount_, 1) == 1) break;
    mapped_[vpn] = 1;
    throwSystem(number, "ioctl", "", "UFFDIO_MOVE");
  }
  dropping_[dropCount_++] = vpn;
  // Between written() and here it may have been written; whether it was, its content tells.
  const bool changed = clean && memcmp(to, staged, PAGE) != 0;
  if (changed || !clean) memcpy(to, staged, PAGE);
  return changed;
}

void Live::discard(size_t vpn) {
  // With threads a page that was moved away has left already; without, it may still be there, on the list.
  if (mapped_[vpn] && madvise(memory.page(vpn), PAGE, MADV_DONTNEED) < 0) throwSystem(errno, "madvise", "", "MADV_DONTNEED");
  mapped_[vpn] = 0;
  memory.version[vpn] = 0;
}

void Live::flush() {
  if (dropCount_ == 0) return;
  const size_t count = std::exchange(dropCount_, 0);
  if (threads > 0) {
    if (madvise(memory.page(pages), count * PAGE, MADV_DONTNEED) < 0) throwSystem(errno, "madvise", "", "MADV_DONTNEED");
    return;
  }
  iovec ranges[STAGING];
  for (size_t index = 0; index < count; ++index) ranges[index] = {memory.page(dropping_[index]), PAGE};
  const auto dropped = syscall(SYS_process_madvise, process_, ranges, count, MADV_DONTNEED, 0);
  if (dropped == static_cast<ssize_t>(count * PAGE)) return;
  // Older kernels (before 6.13) allow it for no process: one after the other.
  for (size_t index = 0; index < count; ++index)
    if (madvise(ranges[index].iov_base, PAGE, MADV_DONTNEED) < 0) throwSystem(errno, "madvise", "", "MADV_DONTNEED");
}

// --- The touching side -------------------------------------------------------------------------------------------------

bool Live::touchHere(size_t vpn, bool write) {
  setTouch(&here_);
  const bool there = touchOrLeave(here_, memory.page(vpn) + Stamp(vpn, 0).offset, write);
  setTouch(nullptr);
  return there;
}

bool Live::check(size_t vpn, bool& verified) {
  char* page = memory.page(vpn);
  const char* corpus = memory.contentOf(vpn);
  verified = memory.version[vpn] != 0;
  if (verified) return Stamp(vpn, memory.version[vpn]).matches(page, corpus);
  memory.version[vpn] = ++memory.lastVersion[vpn];
  Stamp(vpn, memory.version[vpn]).fill(page, corpus);
  return true;
}

void Live::put(size_t vpn) {
  memory.version[vpn] = ++memory.lastVersion[vpn];
  if (!memory.plain[vpn]) Stamp(vpn, memory.version[vpn]).put(memory.page(vpn));
}

void Live::start(std::vector<Access> batch) {
  for (const auto& toucher : touchers_)
    if (toucher->faults.size() < batch.size()) toucher->faults.resize(batch.size());
  {
    const std::lock_guard lock(mutex_);
    batch_ = std::move(batch);
    working_ = touchers_.size();
    ++batchNumber_;
    running_ = true;
  }
  begin_.notify_all();
}

int Live::wait(uint32_t* events, size_t room, int timeoutMs) {
  if (!running_) return -1;
  pollfd fds[] = {{uffd_, POLLIN, 0}, {ended_, POLLIN, 0}};
  const int ready = poll(fds, 2, timeoutMs);
  if (ready < 0 && errno != EINTR) throwSystem(errno, "poll", "");
  if (ready <= 0) return 0;
  uffd_msg messages[16];
  int count = 0;
  if (fds[0].revents & POLLIN) {
    const ssize_t length = read(uffd_, messages, std::min(room, std::size(messages)) * sizeof(uffd_msg));
    if (length < 0 && errno != EAGAIN) throwSystem(errno, "read", "", "userfaultfd");
    for (ssize_t at = 0; at * static_cast<ssize_t>(sizeof(uffd_msg)) < length; ++at) {
      if (messages[at].event != UFFD_EVENT_PAGEFAULT) continue;
      const size_t vpn = (messages[at].arg.pagefault.address - reinterpret_cast<uintptr_t>(memory.base)) / PAGE;
      const bool write = messages[at].arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WRITE;
      events[count++] = static_cast<uint32_t>(vpn << 1 | write);
    }
  }
  if (count > 0 || !(fds[1].revents & POLLIN)) return count;
  uint64_t threadsEnded;
  if (read(ended_, &threadsEnded, sizeof threadsEnded) < 0 && errno != EAGAIN) throwSystem(errno, "read", "", "eventfd");
  running_ = false;
  return -1;
}

void Live::callOut() {
  // Stays set: a signal may still be on its way to a thread that has left by itself.
  for (const auto& toucher : touchers_) toucher->touch.stop = true;
  over_ = true;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (working_ == 0) break;
    }
    // The wait in a user-mode fault is interruptible: the signal's handler leaves the touch.
    for (const auto& toucher : touchers_)
      if (toucher->begun) pthread_kill(toucher->thread.native_handle(), SIGBUS);
    usleep(200);
  }
  running_ = false;
}

void Live::work(size_t index) {
  Toucher& toucher = *touchers_[index];
  setTouch(&toucher.touch);
  for (uint64_t done = 0;;) {
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return quit_ || batchNumber_ > done; });
      if (quit_) return;
      done = batchNumber_;
    }
    toucher.begun = true;
    carryOut(toucher, index);
    toucher.begun = false;
    const std::lock_guard lock(mutex_);
    if (--working_ > 0) continue;
    const uint64_t one = 1;
    // An eventfd that was emptied takes it without waiting.
    if (write(ended_, &one, sizeof one) < 0) continue;
  }
}

/// The whole batch can be left at any instruction by siglongjmp: it holds no lock and allocates nothing.
void Live::carryOut(Toucher& toucher, size_t index) {
  toucher.faultCount = 0;
  toucher.verified = 0;
  toucher.mismatch = -1;
  toucher.elapsedNs = 0;
  toucher.calledOut = false;
  if (sigsetjmp(toucher.touch.out, 0) != 0) {
    toucher.calledOut = true;
    return;
  }
  toucher.touch.armed = true;
  uint64_t aside = 0;
  const uint64_t begin = monotonicNs();
  for (const Access& access : batch_) {
    const size_t vpn = access.vpn;
    if (vpn % threads != index) continue;
    if (toucher.touch.stop.load(std::memory_order_relaxed)) {
      toucher.calledOut = true;
      break;
    }
    std::atomic<uint8_t>& answered = answered_[vpn];
    const bool known = memory.version[vpn] != 0;
    // An answer to a fault of our own below, since the last touch of this page.
    answered.store(0, std::memory_order_relaxed);
    const uint64_t start = monotonicNs();
    touchByte(memory.page(vpn) + Stamp(vpn, 0).offset, access.write);
    const uint64_t now = monotonicNs();
    const uint8_t kind = answered.load(std::memory_order_relaxed);
    if (kind != 0) {
      toucher.faults[toucher.faultCount++] = {static_cast<uint8_t>(kind - 1), now - start};
      bool verified = false;
      const bool right = check(vpn, verified);
      if (verified) ++toucher.verified;
      aside += monotonicNs() - now;
      if (!right) {
        toucher.mismatch = static_cast<int64_t>(vpn);
        break;
      }
    }
    if (access.write && known) put(vpn);
  }
  toucher.elapsedNs = monotonicNs() - begin - aside;
  toucher.touch.armed = false;
}
