// Page contents of a live process or of a file, copied to an arena.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "entries.h"
#include "process_pages.h"

namespace {

bool isZero(const char* page) {
  return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/// Reads one page; false at the end of the file or of the process. `readable` turns false where only this page cannot be read.
bool readPage(int fd, uint64_t offset, char* page, bool& readable) {
  readable = true;
  size_t done = 0;
  while (done < PAGE) {
    const ssize_t moved = pread(fd, page + done, PAGE - done, static_cast<off_t>(offset + done));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0 && errno == ESRCH) return false;
    if (moved < 0) readable = false;
    if (moved <= 0) return moved < 0;
    done += static_cast<size_t>(moved);
  }
  return true;
}

constexpr size_t EVEN_ROUNDS = 8;

/// Visits `items` in rounds. Each round spreads as many picks as are still wanted evenly over what no round has picked yet, so
/// that the choice stays even when many picks come to nothing. `take` returns how many of its one pick counted (0 or 1), or -1
/// to stop.
template <class Take>
void spreadEvenly(std::vector<uint64_t>& items, size_t wanted, Take take) {
  for (size_t round = 0; wanted > 0 && !items.empty(); ++round) {
    // Where nearly all picks come to nothing, rounds of a sixteenth end it; the last of them may stop early, less evenly.
    const size_t picks = std::min(items.size(), round < EVEN_ROUNDS ? wanted : std::max(wanted, items.size() / 16));
    size_t kept = 0;
    size_t pick = 0;
    for (size_t index = 0; index < items.size(); ++index) {
      // Pick k of n out of N is item floor(k * N / n).
      const bool picked = pick < picks && index == static_cast<size_t>(static_cast<unsigned __int128>(pick) * items.size() / picks);
      if (!picked || wanted == 0) {
        items[kept++] = items[index];
        pick += picked;
        continue;
      }
      ++pick;
      const int taken = take(items[index]);
      if (taken < 0) return;
      wanted -= static_cast<size_t>(taken);
    }
    items.resize(kept);
  }
}

napi_value captureProcess(const Call& call) {
  const auto pid = static_cast<pid_t>(call.integer(0, "pid", 1, INT_MAX));
  Arena& arena = call.arena(1, "arena");
  const size_t maxPages = call.integer(2, "maxPages", 1, arena.pages);
  const bool skipZero = call.boolean(3, "skipZero");

  std::vector<AddressRange> excluded;
  if (pid == getpid()) {
    call.state().arenas.each([&](const Arena& own) {
      const auto begin = reinterpret_cast<uintptr_t>(own.base);
      excluded.push_back({begin, begin + own.bytes()});
    });
  }
  const std::string memoryPath = "/proc/" + std::to_string(pid) + "/mem";
  File memory(open(memoryPath.c_str(), O_RDONLY | O_CLOEXEC), memoryPath);
  if (memory.fd < 0) throwSystem(errno, "open", memoryPath);
  std::vector<uint64_t> addresses = anonymousResidentPages(pid, excluded);
  const size_t resident = addresses.size();
  uint32_t pages = 0;
  uint32_t zero = 0;
  uint32_t unreadable = 0;
  spreadEvenly(addresses, maxPages, [&](uint64_t address) {
    char* page = arena.base + pages * PAGE;
    bool readable;
    if (!readPage(memory.fd, address, page, readable)) return -1;  // the process has gone: what was read counts
    if (!readable) {
      ++unreadable;
      return 0;
    }
    if (skipZero && isZero(page)) {
      ++zero;
      return 0;
    }
    ++pages;
    return 1;
  });
  return call.object({{"pages", call.result(pages)},
                      {"resident", call.result(static_cast<double>(resident))},
                      {"skippedZero", call.result(zero)},
                      {"unreadable", call.result(unreadable)}});
}

napi_value captureFile(const Call& call) {
  std::string path = call.text(0, "path");
  Arena& arena = call.arena(1, "arena");
  const size_t maxPages = call.integer(2, "maxPages", 1, arena.pages);
  // O_NONBLOCK: a FIFO would block for good. Links are followed: this only reads what the user named.
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), path);
  if (file.fd < 0) throwSystem(errno, "open", path);
  struct stat facts;
  if (fstat(file.fd, &facts) < 0) throwSystem(errno, "fstat", path);
  if (!S_ISREG(facts.st_mode)) throwSystem(EINVAL, "read", path, "not a regular file");
  const uint64_t total = static_cast<uint64_t>(facts.st_size) / PAGE;
  const uint64_t wanted = std::min<uint64_t>(total, maxPages);
  uint32_t pages = 0;
  for (uint64_t pick = 0; pick < wanted; ++pick) {
    const auto filePage = static_cast<uint64_t>(static_cast<unsigned __int128>(pick) * total / wanted);
    bool readable;
    const bool there = readPage(file.fd, filePage * PAGE, arena.base + pages * PAGE, readable);
    if (!readable) throwSystem(errno, "pread", path);
    if (!there) break;  // truncated meanwhile
    ++pages;
  }
  return call.object({{"pages", call.result(pages)}, {"total", call.result(static_cast<double>(total))}});
}

constexpr Entry ENTRIES[] = {{"captureProcess", guarded<captureProcess>}, {"captureFile", guarded<captureFile>}};

}  // namespace

std::span<const Entry> captureEntries() { return ENTRIES; }
