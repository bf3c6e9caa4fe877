// Accesses to real memory while the kernel swaps it: a sequence of touches in a tight loop, each timed, what came back checked
// outside the timed part.

#include "memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "clock.h"
#include "entries.h"
#include "stamp.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21  // Linux 5.4
#endif

Memory::Memory(size_t pages)
    : pages(pages), corpusPage(pages), plain(pages), version(pages), lastVersion(pages), readMapped(pages) {
  void* mapped = mmap(nullptr, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throwSystem(errno, "mmap", "", std::to_string(pages) + " pages");
  base = static_cast<char*>(mapped);
  // EINVAL: a kernel without huge pages, which is what is wanted.
  if (madvise(mapped, pages * PAGE, MADV_NOHUGEPAGE) < 0 && errno != EINVAL) {
    const int number = errno;
    munmap(mapped, pages * PAGE);
    throwSystem(number, "madvise", "", "MADV_NOHUGEPAGE");
  }
  vmstat = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
}

Memory::~Memory() {
  unmap();
  if (vmstat >= 0) close(vmstat);
}

void Memory::unmap() {
  if (base) munmap(std::exchange(base, nullptr), pages * PAGE);
}

void Memory::needContents() const {
  if (!corpus) throwRange("memory has no contents yet");
  if (corpus->detached()) throwType("memory: the buffer of its corpus has been transferred away");
}

void Memory::takeContents(const Call& call, size_t arenaIndex, size_t count) {
  auto given = call.sharedArena(arenaIndex, "corpusArena");
  size_t length = 0;
  const auto* rows =
      call.typedArray<const volatile uint32_t>(arenaIndex + 1, "corpusPages", napi_uint32_array, "Uint32Array", length);
  if (length != count) throwRange("corpusPages must have one entry for each page of the memory");
  std::vector<uint32_t> checked(pages);
  std::vector<uint8_t> same(pages);
  for (size_t vpn = 0; vpn < length; ++vpn) {
    checked[vpn] = rows[vpn];
    if (checked[vpn] >= given->pages)
      throwRange("corpusPages[" + std::to_string(vpn) + "] must be below " + std::to_string(given->pages));
    same[vpn] = sameFilled(given->base + checked[vpn] * PAGE);
  }
  corpusPage = std::move(checked);
  plain = std::move(same);
  corpus = std::move(given);
}

size_t Memory::present(size_t first, size_t count) const {
  constexpr uint64_t PRESENT = 1ULL << 63;  // Documentation/admin-guide/mm/pagemap.rst
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) throwSystem(errno, "open", "/proc/self/pagemap");
  size_t found = 0;
  uint64_t entries[512];
  for (size_t at = 0; at < count; at += std::size(entries)) {
    const size_t wanted = std::min(count - at, std::size(entries)) * sizeof(uint64_t);
    const auto offset = reinterpret_cast<uintptr_t>(page(first + at)) / PAGE * sizeof(uint64_t);
    if (pread(fd, entries, wanted, static_cast<off_t>(offset)) != static_cast<ssize_t>(wanted)) {
      const int number = errno;
      close(fd);
      throwSystem(number, "pread", "/proc/self/pagemap");
    }
    for (size_t index = 0; index < wanted / sizeof(uint64_t); ++index)
      if (entries[index] & PRESENT) ++found;
  }
  close(fd);
  return found;
}

namespace {

/// What an access turned out to be. Order: addon.ts, MEMORY_KINDS.
enum Kind : uint8_t { HIT, FIRST_TOUCH, SWAPPED_IN, FROM_ZSWAP, FROM_SWAP, FROM_ZERO_MAP, FROM_SWAP_CACHE, WRITE_PROTECT, FREED, PAGED_OUT };

enum Op : uint32_t { READ, WRITE, FREE, PAGE_OUT };

/// Entering and leaving a fault takes longer on every machine, a cache miss or two do not always take less: below it nobody
/// has to ask whether there was a fault, ns.
constexpr uint64_t SURE_HIT_NS = 150;

/// Large enough for the address space that the lab allows, pages.
constexpr size_t MAX_PAGES = 1U << 22;

/// Longest that an access may be meant to wait, ns: nobody can call this thread back while it waits.
constexpr double MAX_DUE_NS = 60e9;

constexpr const char* COUNTERS[] = {"zswpin",    "zswpout",     "zswpwb",  "pswpin",      "pswpout",
                                    "swpin_zero", "swpout_zero", "swap_ra", "swap_ra_hit", "pgmajfault"};
constexpr size_t COUNTER_COUNT = std::size(COUNTERS);
constexpr size_t ZSWPIN = 0;
constexpr size_t PSWPIN = 3;
constexpr size_t SWPIN_ZERO = 5;

/// Values of COUNTERS; -1 where this kernel has none of that name.
struct Vmstat {
  double values[COUNTER_COUNT];

  explicit Vmstat(int fd) {
    // About 5 KiB on 6.18; a kernel with more lines loses the last ones, never the stack.
    char text[16384];
    for (double& value : values) value = -1;
    const ssize_t length = fd < 0 ? 0 : pread(fd, text, sizeof text - 1, 0);
    if (length <= 0) return;
    text[length] = 0;
    for (char* line = text; line && *line; ) {
      char* space = strchr(line, ' ');
      if (!space) return;
      *space = 0;
      for (size_t at = 0; at < COUNTER_COUNT; ++at)
        if (strcmp(line, COUNTERS[at]) == 0) values[at] = static_cast<double>(strtoull(space + 1, nullptr, 10));
      line = strchr(space + 1, '\n');
      if (line) ++line;
    }
  }
};

struct Faults {
  long minor;
  long major;

  Faults() {
    rusage used;
    getrusage(RUSAGE_THREAD, &used);
    minor = used.ru_minflt;
    major = used.ru_majflt;
  }
};

/// Always 0, which the compiler must not know: a touch for writing leaves the content as it is.
volatile char nothing = 0;

void touch(char* byte, bool write) {
  if (write)
    __atomic_fetch_or(byte, nothing, __ATOMIC_RELAXED);
  else
    (void)*const_cast<const volatile char*>(byte);
}

napi_value memoryOpen(const Call& call) {
  const size_t pages = call.integer(0, "pages", 1, MAX_PAGES);
  return call.result(call.state().memories.add(std::make_shared<Memory>(pages)));
}

napi_value memoryClose(const Call& call) {
  if (!call.state().memories.remove(call.handle(0, "memory"))) Call::unknownHandle("memory", "memory");
  return nullptr;
}

napi_value memoryContents(const Call& call) {
  Memory& memory = call.memory(0, "memory");
  memory.takeContents(call, 1, memory.pages);
  return nullptr;
}

/// Which tier answered, by the one counter that moved since `last`.
Kind tierOf(const Vmstat& last, const Vmstat& now, bool major) {
  if (now.values[ZSWPIN] > last.values[ZSWPIN]) return FROM_ZSWAP;
  if (now.values[PSWPIN] > last.values[PSWPIN]) return FROM_SWAP;
  if (now.values[SWPIN_ZERO] > last.values[SWPIN_ZERO]) return FROM_ZERO_MAP;
  return major ? SWAPPED_IN : FROM_SWAP_CACHE;
}

/// Waits until `due`, ns after `begin` without what was spent aside, unless that is over. Returns when it was left, in the same time.
double waitUntil(double due, uint64_t begin, uint64_t aside) {
  for (;;) {
    const auto now = static_cast<double>(monotonicNs() - begin - aside);
    if (now >= due) return now;
  }
}

napi_value memoryReplay(const Call& call) {
  Memory& memory = call.memory(0, "memory");
  memory.needContents();
  size_t count = 0;
  size_t latencies = 0;
  size_t kindCount = 0;
  const auto* given = call.typedArray<const volatile uint32_t>(1, "accesses", napi_uint32_array, "Uint32Array", count);
  auto* latency = call.typedArray<double>(2, "latencies", napi_float64_array, "Float64Array", latencies);
  auto* kinds = call.typedArray<uint8_t>(3, "kinds", napi_uint8_array, "Uint8Array", kindCount);
  const bool classify = call.boolean(4, "classify");
  size_t startCount = 0;
  auto* starts = call.typedArray<double>(5, "starts", napi_float64_array, "Float64Array", startCount);
  if (latencies < count || kindCount < count) throwRange("latencies and kinds must have room for every access");
  const bool paced = startCount > 0;
  if (paced && startCount < count) throwRange("starts must be empty, or have one entry for every access");
  std::vector<double> due(paced ? count : 0);
  for (size_t index = 0; index < due.size(); ++index) {
    due[index] = starts[index];
    if (!(due[index] <= MAX_DUE_NS)) throwRange("starts[" + std::to_string(index) + "] must be at most 60 s");
  }
  std::vector<uint32_t> accesses(count);
  for (size_t index = 0; index < count; ++index) {
    accesses[index] = given[index];
    if ((accesses[index] >> 2) >= memory.pages)
      throwRange("accesses[" + std::to_string(index) + "] is no access to this memory");
  }

  double verified = 0;
  double mismatch = -1;
  size_t done = 0;
  uint64_t aside = 0;
  Faults faults;
  Vmstat counters(classify ? memory.vmstat : -1);
  const uint64_t begin = monotonicNs();
  for (; done < count && mismatch < 0; ++done) {
    const size_t vpn = accesses[done] >> 2;
    const uint32_t op = accesses[done] & 3;
    char* page = memory.page(vpn);
    if (op == FREE) {
      if (paced) starts[done] = waitUntil(due[done], begin, aside);
      const uint64_t start = monotonicNs();
      if (madvise(page, PAGE, MADV_DONTNEED) < 0) throwSystem(errno, "madvise", "", "MADV_DONTNEED");
      const uint64_t end = monotonicNs();
      memory.version[vpn] = 0;
      memory.readMapped[vpn] = 0;
      latency[done] = static_cast<double>(end - start);
      kinds[done] = FREED;
      continue;
    }
    if (op == PAGE_OUT) {
      const uint64_t start = monotonicNs();
      if (madvise(page, PAGE, MADV_PAGEOUT) < 0) throwSystem(errno, "madvise", "", "MADV_PAGEOUT");
      const uint64_t end = monotonicNs();
      latency[done] = static_cast<double>(end - start);
      kinds[done] = PAGED_OUT;
      continue;
    }
    if (paced) starts[done] = waitUntil(due[done], begin, aside);
    const bool write = op == WRITE;
    const bool known = memory.version[vpn] != 0;
    char* byte = page + Stamp(vpn, 0).offset;
    const uint64_t start = monotonicNs();
    touch(byte, write);
    const uint64_t now = monotonicNs();
    Kind kind = HIT;
    const bool looked = now - start > SURE_HIT_NS || !known;
    if (looked) {
      const Faults after;
      const bool major = after.major > faults.major;
      if (major || after.minor > faults.minor) {
        if (!known)
          kind = FIRST_TOUCH;
        else if (!major && write && memory.readMapped[vpn])
          kind = WRITE_PROTECT;
        else if (classify) {
          const Vmstat moved(memory.vmstat);
          kind = tierOf(counters, moved, major);
          counters = moved;
        } else
          kind = major ? SWAPPED_IN : FROM_SWAP_CACHE;
        memory.readMapped[vpn] = !write;
      }
      faults = after;
    }
    latency[done] = static_cast<double>(now - start);
    kinds[done] = kind;
    if (!known) {
      memory.version[vpn] = ++memory.lastVersion[vpn];
      Stamp(vpn, memory.version[vpn]).fill(page, memory.contentOf(vpn));
      // Filling a page that a read had mapped to the zero page faults once more.
      faults = Faults();
    } else if (kind != HIT && kind != WRITE_PROTECT) {
      ++verified;
      if (!Stamp(vpn, memory.version[vpn]).matches(page, memory.contentOf(vpn))) mismatch = static_cast<double>(vpn);
    }
    if (looked) aside += monotonicNs() - now;
    if (write && known) {
      memory.version[vpn] = ++memory.lastVersion[vpn];
      if (!memory.plain[vpn]) Stamp(vpn, memory.version[vpn]).put(page);
    }
  }
  const uint64_t total = monotonicNs() - begin;
  return call.object({{"done", call.result(static_cast<double>(done))},
                      {"elapsedNs", call.result(static_cast<double>(total - aside))},
                      {"verified", call.result(verified)},
                      {"mismatch", call.result(mismatch)}});
}

napi_value memoryPageout(const Call& call) {
  Memory& memory = call.memory(0, "memory");
  const size_t pages = call.integer(2, "pages", 1, memory.pages);
  const size_t page = call.integer(1, "page", 0, memory.pages - pages);
  const uint64_t start = monotonicNs();
  const int result = madvise(memory.page(page), pages * PAGE, MADV_PAGEOUT);
  const uint64_t end = monotonicNs();
  if (result < 0) throwSystem(errno, "madvise", "", "MADV_PAGEOUT");
  return call.result(static_cast<double>(end - start));
}

napi_value memoryTouch(const Call& call) {
  Memory& memory = call.memory(0, "memory");
  const size_t vpn = call.integer(1, "page", 0, memory.pages - 1);
  const bool write = call.boolean(2, "write");
  char* byte = memory.page(vpn) + Stamp(vpn, 0).offset;
  const uint64_t start = monotonicNs();
  touch(byte, write);
  return call.result(static_cast<double>(monotonicNs() - start));
}

/// True where the page is as last written; a page never touched has nothing to compare.
napi_value memoryVerify(const Call& call) {
  Memory& memory = call.memory(0, "memory");
  memory.needContents();
  const size_t vpn = call.integer(1, "page", 0, memory.pages - 1);
  return call.result(memory.version[vpn] == 0 || Stamp(vpn, memory.version[vpn]).matches(memory.page(vpn), memory.contentOf(vpn)));
}

napi_value memoryVmstat(const Call& call) {
  const Memory& memory = call.memory(0, "memory");
  size_t length = 0;
  auto* out = call.typedArray<double>(1, "out", napi_float64_array, "Float64Array", length);
  if (length < COUNTER_COUNT) throwRange("out must have room for " + std::to_string(COUNTER_COUNT) + " counters");
  const Vmstat now(memory.vmstat);
  for (size_t at = 0; at < COUNTER_COUNT; ++at) out[at] = now.values[at];
  return nullptr;
}

constexpr Entry ENTRIES[] = {{"memoryOpen", guarded<memoryOpen>},         {"memoryClose", guarded<memoryClose>},
                             {"memoryContents", guarded<memoryContents>}, {"memoryReplay", guarded<memoryReplay>},
                             {"memoryPageout", guarded<memoryPageout>},   {"memoryTouch", guarded<memoryTouch>},
                             {"memoryVerify", guarded<memoryVerify>},     {"memoryVmstat", guarded<memoryVmstat>}};

}  // namespace

std::span<const Entry> memoryEntries() { return ENTRIES; }
