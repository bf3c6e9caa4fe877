// Whole pages of a file, by pread and pwrite: no mmap, so a file truncated by somebody else is a short read, never a SIGBUS.

#include "file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "clock.h"
#include "entries.h"

File::~File() {
  if (fd >= 0) close(fd);
}

namespace {

bool option(const Call& call, napi_value options, const char* name) {
  napi_value value = nullptr;
  if (napi_get_named_property(call.env, options, name, &value) != napi_ok) throw PendingException{};
  bool result;
  if (napi_get_value_bool(call.env, value, &result) != napi_ok)
    throwType(std::string("options.") + name + " must be a boolean");
  return result;
}

napi_value fileOpen(const Call& call) {
  std::string path = call.text(0, "path");
  const napi_value options = call.value(1);
  napi_valuetype type = napi_undefined;
  napi_typeof(call.env, options, &type);
  if (type != napi_object) throwType("options must be an object");
  int flags = O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
  flags |= option(call, options, "write") ? O_RDWR : O_RDONLY;
  if (option(call, options, "create")) flags |= O_CREAT | O_EXCL;
  if (option(call, options, "direct")) flags |= O_DIRECT;
  if (option(call, options, "dsync")) flags |= O_DSYNC;
  // O_NONBLOCK for the open only: a FIFO without a writer would block the engine for good.
  int fd;
  do fd = open(path.c_str(), flags | O_NONBLOCK, S_IRUSR | S_IWUSR);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) throwSystem(errno, "open", std::move(path));
  auto file = std::make_shared<File>(fd, std::move(path));
  // Kept, it would make io_uring answer EAGAIN where it should wait.
  const int current = fcntl(fd, F_GETFL);
  if (current < 0 || fcntl(fd, F_SETFL, current & ~O_NONBLOCK) < 0) throwSystem(errno, "fcntl", file->path);
  return call.result(call.state().files.add(std::move(file)));
}

napi_value fileClose(const Call& call) {
  if (!call.state().files.remove(call.handle(0, "file"))) Call::unknownHandle("file", "file");
  return nullptr;
}

napi_value fileStat(const Call& call) {
  const File& file = call.file(0, "file");
  struct stat facts;
  if (fstat(file.fd, &facts) < 0) throwSystem(errno, "fstat", file.path);
  return call.object({{"bytes", call.result(static_cast<double>(facts.st_size))},
                      {"device", call.result(static_cast<double>(facts.st_dev))},
                      {"inode", call.result(static_cast<double>(facts.st_ino))},
                      {"mode", call.result(static_cast<uint32_t>(facts.st_mode))},
                      {"uid", call.result(static_cast<uint32_t>(facts.st_uid))},
                      {"links", call.result(static_cast<double>(facts.st_nlink))},
                      {"regular", call.result(static_cast<bool>(S_ISREG(facts.st_mode)))}});
}

/// Runs a call that returns 0 or -1; returns its latency.
template <class F>
napi_value timed(const Call& call, const File& file, const char* name, F operation) {
  const uint64_t start = monotonicNs();
  int result;
  do result = operation();
  while (result < 0 && errno == EINTR);
  const uint64_t end = monotonicNs();
  if (result < 0) throwSystem(errno, name, file.path);
  return call.result(static_cast<double>(end - start));
}

napi_value fileDatasync(const Call& call) {
  const File& file = call.file(0, "file");
  return timed(call, file, "fdatasync", [&] { return fdatasync(file.fd); });
}

napi_value fileSync(const Call& call) {
  const File& file = call.file(0, "file");
  return timed(call, file, "fsync", [&] { return fsync(file.fd); });
}

napi_value fileAllocate(const Call& call) {
  const File& file = call.file(0, "file");
  const auto bytes = static_cast<off_t>(call.integer(1, "bytes", 1, MAX_SAFE));
  timed(call, file, "fallocate", [&] { return fallocate(file.fd, 0, 0, bytes); });
  return nullptr;
}

napi_value fileDropCache(const Call& call) {
  const File& file = call.file(0, "file");
  // It returns the error number instead of setting errno.
  const int error = posix_fadvise(file.fd, 0, 0, POSIX_FADV_DONTNEED);
  if (error != 0) throwSystem(error, "posix_fadvise", file.path);
  return nullptr;
}

napi_value fileLock(const Call& call) {
  const File& file = call.file(0, "file");
  int result;
  do result = flock(file.fd, LOCK_EX | LOCK_NB);
  while (result < 0 && errno == EINTR);
  if (result < 0 && errno != EWOULDBLOCK) throwSystem(errno, "flock", file.path);
  return call.result(result == 0);
}

using Transfer = ssize_t (*)(int, const iovec*, int, off_t);
ssize_t readVector(int fd, const iovec* parts, int count, off_t offset) { return preadv(fd, parts, count, offset); }
ssize_t writeVector(int fd, const iovec* parts, int count, off_t offset) { return pwritev(fd, parts, count, offset); }

/// Transfers all of `parts`, which it uses up; returns the latency of the whole, ns.
template <Transfer transfer>
double transferAll(const File& file, const char* name, iovec* parts, size_t count, uint64_t filePage) {
  auto offset = static_cast<off_t>(filePage * PAGE);
  const uint64_t start = monotonicNs();
  while (count > 0) {
    ssize_t moved = transfer(file.fd, parts, static_cast<int>(std::min<size_t>(count, IOV_MAX)), offset);
    if (moved < 0) {
      if (errno == EINTR) continue;
      throwSystem(errno, name, file.path, "at byte " + std::to_string(offset));
    }
    if (moved == 0)
      throwSystem(EIO, name, file.path, "the file ends at byte " + std::to_string(offset) + ", before the last page asked for");
    offset += moved;
    while (count > 0 && static_cast<size_t>(moved) >= parts->iov_len) {
      moved -= static_cast<ssize_t>(parts->iov_len);
      ++parts;
      --count;
    }
    if (moved > 0) {
      parts->iov_base = static_cast<char*>(parts->iov_base) + moved;
      parts->iov_len -= static_cast<size_t>(moved);
    }
  }
  return static_cast<double>(monotonicNs() - start);
}

template <Transfer transfer>
napi_value transferRun(const Call& call, const char* name) {
  const File& file = call.file(0, "file");
  Arena& arena = call.arena(1, "arena");
  const uint64_t pages = call.integer(3, "pages", 1, arena.pages);
  char* base = call.pages(arena, 2, "page", pages);
  const uint64_t filePage = call.integer(4, "filePage", 0, MAX_FILE_PAGE - pages);
  iovec part{base, pages * PAGE};
  return call.result(transferAll<transfer>(file, name, &part, 1, filePage));
}

template <Transfer transfer>
napi_value transferVector(const Call& call, const char* name) {
  const File& file = call.file(0, "file");
  Arena& arena = call.arena(1, "arena");
  size_t length = 0;
  const auto* pages = call.typedArray<const volatile int32_t>(2, "pages", napi_int32_array, "Int32Array", length);
  const uint64_t count = call.integer(3, "count", 1, length);
  const uint64_t filePage = call.integer(4, "filePage", 0, MAX_FILE_PAGE - count);
  // One call of the kernel takes IOV_MAX parts; more are rare enough to pay for the heap.
  iovec few[IOV_MAX / 8];
  std::vector<iovec> many;
  iovec* parts = few;
  if (count > std::size(few)) {
    many.resize(count);
    parts = many.data();
  }
  for (uint64_t index = 0; index < count; ++index) {
    const int32_t page = pages[index];  // read once: another thread may share the array
    if (page < 0 || static_cast<uint64_t>(page) >= arena.pages)
      throwRange("pages[" + std::to_string(index) + "] must be from 0 to " + std::to_string(arena.pages - 1) + ", not " +
                 std::to_string(page));
    parts[index] = {arena.base + static_cast<size_t>(page) * PAGE, PAGE};
  }
  return call.result(transferAll<transfer>(file, name, parts, count, filePage));
}

napi_value fileRead(const Call& call) { return transferRun<readVector>(call, "pread"); }
napi_value fileWrite(const Call& call) { return transferRun<writeVector>(call, "pwrite"); }
napi_value fileReadVector(const Call& call) { return transferVector<readVector>(call, "preadv"); }
napi_value fileWriteVector(const Call& call) { return transferVector<writeVector>(call, "pwritev"); }

constexpr Entry ENTRIES[] = {{"fileOpen", guarded<fileOpen>},
                             {"fileClose", guarded<fileClose>},
                             {"fileStat", guarded<fileStat>},
                             {"fileAllocate", guarded<fileAllocate>},
                             {"fileRead", guarded<fileRead>},
                             {"fileWrite", guarded<fileWrite>},
                             {"fileReadVector", guarded<fileReadVector>},
                             {"fileWriteVector", guarded<fileWriteVector>},
                             {"fileDatasync", guarded<fileDatasync>},
                             {"fileSync", guarded<fileSync>},
                             {"fileDropCache", guarded<fileDropCache>},
                             {"fileLock", guarded<fileLock>}};

}  // namespace

std::span<const Entry> fileEntries() { return ENTRIES; }
