#include "process_pages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "arena.h"
#include "failure.h"

namespace {

// Documentation of the kernel: admin-guide/mm/pagemap.
constexpr uint64_t PRESENT = 1ULL << 63;
constexpr uint64_t FILE_OR_SHARED = 1ULL << 61;

/// One read of pagemap: 64 KiB of entries, 32 MiB of addresses.
constexpr size_t ENTRIES = 8192;

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : fd(open(path.c_str(), flags | O_CLOEXEC)) {
    if (fd < 0) throwSystem(errno, "open", path);
  }
  ~Descriptor() { close(fd); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int fd;
};

struct Closer {
  void operator()(FILE* file) const { fclose(file); }
};

std::vector<AddressRange> candidates(const std::string& path) {
  const std::unique_ptr<FILE, Closer> file(fopen(path.c_str(), "re"));
  if (!file) throwSystem(errno, "open", path);
  std::vector<AddressRange> ranges;
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, file.get()) > 0) {
    AddressRange range;
    if (parseAnonymousCandidate(line, range)) ranges.push_back(range);
  }
  free(line);
  return ranges;
}

}  // namespace

bool parseAnonymousCandidate(const char* line, AddressRange& range) {
  char permissions[5];
  int name = 0;
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %n", &range.begin, &range.end, permissions, &name) < 3) return false;
  if (strncmp(permissions, "rw", 2) != 0 || permissions[3] != 'p') return false;
  // Not memory of the process: the kernel's own pages, and device registers.
  const char* path = line + name;
  return strncmp(path, "[vvar", 5) != 0 && strncmp(path, "[vdso", 5) != 0 && strncmp(path, "[vsyscall", 9) != 0 &&
         strncmp(path, "/dev/", 5) != 0 && range.begin < range.end;
}

std::vector<uint64_t> anonymousResidentPages(pid_t pid, const std::vector<AddressRange>& excluded) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const Descriptor pagemap(folder + "/pagemap", O_RDONLY);
  std::vector<uint64_t> result;
  std::vector<uint64_t> entries(ENTRIES);
  for (const auto& range : candidates(folder + "/maps")) {
    for (uint64_t address = range.begin; address < range.end;) {
      const size_t wanted = std::min<uint64_t>(ENTRIES, (range.end - address) / PAGE);
      if (wanted == 0) break;
      const ssize_t bytes =
          pread(pagemap.fd, entries.data(), wanted * sizeof(uint64_t), static_cast<off_t>(address / PAGE * sizeof(uint64_t)));
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0 && errno != ESRCH) throwSystem(errno, "read", folder + "/pagemap");
      const size_t read = bytes > 0 ? static_cast<size_t>(bytes) / sizeof(uint64_t) : 0;
      if (read == 0) return result;  // the process has gone
      for (size_t index = 0; index < read; ++index) {
        if (!(entries[index] & PRESENT) || (entries[index] & FILE_OR_SHARED)) continue;
        const uint64_t page = address + index * PAGE;
        const bool skip = std::any_of(excluded.begin(), excluded.end(), [&](const AddressRange& range) {
          return page < range.end && page + PAGE > range.begin;
        });
        if (!skip) result.push_back(page);
      }
      address += read * PAGE;
    }
  }
  return result;
}
