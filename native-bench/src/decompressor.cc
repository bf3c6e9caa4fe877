#include "decompressor.h"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "clock.h"
#include "entries.h"

namespace {

/// How long the thread looks for the next request before it sleeps: waking it up costs the caller some µs. A batch takes less to submit.
constexpr uint64_t LOOKING_NS = 200'000;
/// Looks at the other side's word before the CPU is offered to somebody else.
constexpr int LOOKS = 1000;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// All CPUs but the one that the calling thread is pinned to; false where it is not pinned to one.
bool otherCpus(cpu_set_t& others) {
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) < 0 || CPU_COUNT(&mine) != 1) return false;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &mine)) CPU_CLR(cpu, &others);
    else CPU_SET(cpu, &others);
  return true;
}

}  // namespace

Decompressor::Decompressor(std::unique_ptr<Codec> codec, std::shared_ptr<Arena> arena)
    : arena(std::move(arena)), codec_(std::move(codec)) {
  // Signals are Node's.
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  try {
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  } catch (const std::system_error& error) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throwSystem(error.code().value(), "pthread_create", "");
  }
  cpu_set_t others;
  if (!otherCpus(others)) return;
  const int failed = pthread_setaffinity_np(thread_.native_handle(), sizeof others, &others);
  if (failed == 0) return;
  end();
  throwSystem(failed, "pthread_setaffinity_np", "", "a thread beside this one needs a second CPU");
}

Decompressor::~Decompressor() {
  wait(0);
  end();
}

void Decompressor::end() {
  ending_.store(true);
  // The word the thread sleeps on has to change.
  posted_.fetch_add(1, std::memory_order_release);
  posted_.notify_one();
  thread_.join();
}

void Decompressor::post(const char* src, size_t bytes, char* page) {
  const uint64_t posted = posted_.load(std::memory_order_relaxed);
  waitFor(MOST_PENDING - 1);
  requests_[posted % MOST_PENDING] = {src, bytes, page};
  posted_.store(posted + 1, std::memory_order_release);
  posted_.notify_one();  // costs nothing unless the thread sleeps
}

bool Decompressor::wait(uint64_t behind) {
  waitFor(behind);
  return !corrupt_.exchange(false, std::memory_order_relaxed);
}

void Decompressor::waitFor(uint64_t behind) {
  const uint64_t posted = posted_.load(std::memory_order_relaxed);
  for (int looks = 0; posted - done_.load(std::memory_order_acquire) > behind; looks++) {
    if (doNext()) looks = 0;
    else if (looks < LOOKS) relax();
    else sched_yield();
  }
}

bool Decompressor::doNext() {
  if (working_.load(std::memory_order_relaxed) || working_.exchange(true, std::memory_order_acquire)) return false;
  const uint64_t done = done_.load(std::memory_order_relaxed);
  const bool any = done != posted_.load(std::memory_order_acquire);
  if (any) {
    const uint64_t start = monotonicNs();
    const Request& request = requests_[done % MOST_PENDING];
    if (!codec_->decompress(request.src, request.bytes, request.page)) corrupt_.store(true, std::memory_order_relaxed);
    busyNs_.fetch_add(monotonicNs() - start, std::memory_order_relaxed);
    done_.store(done + 1, std::memory_order_release);
  }
  working_.store(false, std::memory_order_release);
  return any;
}

void Decompressor::work() {
  for (uint64_t idleSince = monotonicNs();;) {
    const uint64_t posted = posted_.load(std::memory_order_acquire);
    if (ending_.load()) return;
    if (posted != done_.load(std::memory_order_acquire)) {
      if (doNext()) idleSince = monotonicNs();
      continue;
    }
    for (int looks = 0; looks < LOOKS && posted_.load(std::memory_order_relaxed) == posted; looks++) relax();
    if (monotonicNs() - idleSince >= LOOKING_NS) {
      posted_.wait(posted, std::memory_order_acquire);
      idleSince = monotonicNs();
    }
  }
}

namespace {

Decompressor& decompressorOf(const Call& call) {
  Decompressor* found = call.state().decompressors.find(call.handle(0, "decompressor"));
  if (!found) [[unlikely]] Call::unknownHandle("decompressor", "decompressor");
  return *found;
}

napi_value decompressorOpen(const Call& call) {
  auto codec = openCodec(call.text(0, "name"), call.signedInteger(1, "level"));
  return call.result(
      call.state().decompressors.add(std::make_shared<Decompressor>(std::move(codec), call.sharedArena(2, "arena"))));
}

napi_value decompressorClose(const Call& call) {
  if (!call.state().decompressors.remove(call.handle(0, "decompressor"))) Call::unknownHandle("decompressor", "decompressor");
  return nullptr;
}

napi_value decompressorPost(const Call& call) {
  Decompressor& decompressor = decompressorOf(call);
  const Arena& arena = *decompressor.arena;
  if (arena.detached()) [[unlikely]] throwType("the decompressor's arena has been transferred away");
  const uint64_t offset = call.integer(1, "srcOffset", 0, arena.bytes());
  const uint64_t bytes = call.integer(2, "srcBytes", 1, std::min<uint64_t>(arena.bytes() - offset, 2 * PAGE));
  char* page = call.pages(arena, 3, "dstPage", 1);
  const char* src = arena.base + offset;
  if (src < page + PAGE && page < src + bytes) throwRange("source and destination overlap");
  decompressor.post(src, bytes, page);
  return nullptr;
}

napi_value decompressorWait(const Call& call) {
  if (!decompressorOf(call).wait(call.integer(1, "behind", 0, Decompressor::MOST_PENDING)))
    throw CodedFailure{"CORRUPT", "compressed bytes do not give exactly one page"};
  return nullptr;
}

napi_value decompressorBusyNs(const Call& call) { return call.result(static_cast<double>(decompressorOf(call).busyNs())); }

constexpr Entry ENTRIES[] = {{"decompressorOpen", guarded<decompressorOpen>},
                             {"decompressorClose", guarded<decompressorClose>},
                             {"decompressorPost", guarded<decompressorPost>},
                             {"decompressorWait", guarded<decompressorWait>},
                             {"decompressorBusyNs", guarded<decompressorBusyNs>}};

}  // namespace

std::span<const Entry> decompressorEntries() { return ENTRIES; }
