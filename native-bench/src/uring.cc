#include "uring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "clock.h"
#include "failure.h"

namespace {

int setup(uint32_t entries, io_uring_params* parameters) {
  return static_cast<int>(syscall(__NR_io_uring_setup, entries, parameters));
}
int enter(int fd, uint32_t submit, uint32_t complete, uint32_t flags) {
  return static_cast<int>(syscall(__NR_io_uring_enter, fd, submit, complete, flags, nullptr, 0));
}
int registerWith(int fd, uint32_t operation, const void* argument, uint32_t count) {
  return static_cast<int>(syscall(__NR_io_uring_register, fd, operation, argument, count));
}

// The kernel's limit for one fixed buffer (io_uring/rsrc.c).
constexpr size_t MAX_FIXED_BYTES = size_t{1} << 30;
// And for their number.
constexpr size_t MAX_FIXED_BUFFERS = 1U << 14;

// Linux 6.1; headers may be older.
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#ifndef IORING_SETUP_TASKRUN_FLAG
#define IORING_SETUP_TASKRUN_FLAG (1U << 9)
#define IORING_SQ_TASKRUN (1U << 2)
#endif
constexpr uint32_t DEFERRED = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;

template <class T>
T* at(void* base, uint32_t offset) {
  return reinterpret_cast<T*>(static_cast<char*>(base) + offset);
}

}  // namespace

std::string Ring::whyUnavailable() {
  io_uring_params parameters{};
  const int fd = setup(1, &parameters);
  if (fd < 0) {
    const int error = errno;
    const std::string name = "io_uring_setup: " + errnoName(error) + ": ";
    if (error == ENOSYS) return name + "this kernel has no io_uring";
    if (error == EPERM || error == EACCES)
      return name + "io_uring is forbidden here (sysctl kernel.io_uring_disabled, or a seccomp filter as in containers)";
    return name + errnoText(error);
  }
  std::string reason;
  // IORING_OP_READ and WRITE came with 5.6, as did the probe; FEAT_NODROP with 5.5.
  constexpr uint8_t OPERATIONS = IORING_OP_WRITE + 1;
  std::vector<uint64_t> memory((sizeof(io_uring_probe) + OPERATIONS * sizeof(io_uring_probe_op) + 7) / 8);
  auto* probe = reinterpret_cast<io_uring_probe*>(memory.data());
  if (!(parameters.features & IORING_FEAT_SINGLE_MMAP) || !(parameters.features & IORING_FEAT_NODROP) ||
      registerWith(fd, IORING_REGISTER_PROBE, probe, OPERATIONS) < 0) {
    reason = "this kernel's io_uring is older than Linux 5.6";
  } else {
    for (const uint8_t operation : {IORING_OP_WRITEV, IORING_OP_READV, IORING_OP_FSYNC, IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED, IORING_OP_READ, IORING_OP_WRITE})
      if (operation >= probe->ops_len || !(probe->ops[operation].flags & IO_URING_OP_SUPPORTED))
        reason = "this kernel's io_uring lacks operation " + std::to_string(operation);
  }
  close(fd);
  return reason;
}

Ring::Ring(std::shared_ptr<File> file, uint32_t entries, const std::vector<std::shared_ptr<Arena>>& arenas, bool registerFile, bool transfersOnly)
    : transfersOnly_(transfersOnly), file_(std::move(file)), operations_(entries) {
  free_.reserve(entries);
  queued_.reserve(entries);
  for (uint32_t index = entries; index-- > 0;) free_.push_back(index);
  io_uring_params parameters{};
  if (transfersOnly_) parameters.flags = DEFERRED;
  fd_ = setup(entries, &parameters);
  deferred_ = transfersOnly_ && fd_ >= 0;
  if (fd_ < 0 && transfersOnly_ && errno == EINVAL) {
    parameters = {};
    fd_ = setup(entries, &parameters);
  }
  if (fd_ < 0) throwSystem(errno, "io_uring_setup", file_->path, "see uringProbe()");
  try {
    map(parameters);
    pin(arenas);
  } catch (...) {
    unmap();
    throw;
  }
  fileRegistered_ = registerFile && registerWith(fd_, IORING_REGISTER_FILES, &file_->fd, 1) == 0;
}

void Ring::map(const io_uring_params& parameters) {
  if (!(parameters.features & IORING_FEAT_SINGLE_MMAP) || !(parameters.features & IORING_FEAT_NODROP))
    throwSystem(ENOSYS, "io_uring_setup", file_->path, "this kernel's io_uring is older than Linux 5.5");
  const auto& sq = parameters.sq_off;
  const auto& cq = parameters.cq_off;
  ringsBytes_ = std::max(sq.array + parameters.sq_entries * sizeof(uint32_t),
                         cq.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
  sqesBytes_ = parameters.sq_entries * sizeof(io_uring_sqe);
  void* rings = mmap(nullptr, ringsBytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, IORING_OFF_SQ_RING);
  if (rings == MAP_FAILED) throwSystem(errno, "mmap", file_->path, "io_uring queues");
  rings_ = rings;
  void* sqes = mmap(nullptr, sqesBytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, IORING_OFF_SQES);
  if (sqes == MAP_FAILED) throwSystem(errno, "mmap", file_->path, "io_uring entries");
  sqes_ = static_cast<io_uring_sqe*>(sqes);
  sqTail_ = at<std::atomic<uint32_t>>(rings_, sq.tail);
  sqFlags_ = at<std::atomic<uint32_t>>(rings_, sq.flags);
  sqMask_ = *at<uint32_t>(rings_, sq.ring_mask);
  sqArray_ = at<uint32_t>(rings_, sq.array);
  cqHead_ = at<std::atomic<uint32_t>>(rings_, cq.head);
  cqTail_ = at<std::atomic<uint32_t>>(rings_, cq.tail);
  cqMask_ = *at<uint32_t>(rings_, cq.ring_mask);
  cqes_ = at<io_uring_cqe>(rings_, cq.cqes);
}

void Ring::unmap() {
  if (sqes_) munmap(sqes_, sqesBytes_);
  if (rings_) munmap(rings_, ringsBytes_);
  sqes_ = nullptr;
  rings_ = nullptr;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Ring::pin(const std::vector<std::shared_ptr<Arena>>& arenas) {
  std::vector<iovec> buffers;
  for (const auto& arena : arenas) {
    for (size_t offset = 0; offset < arena->bytes(); offset += MAX_FIXED_BYTES) {
      const size_t bytes = std::min(MAX_FIXED_BYTES, arena->bytes() - offset);
      buffers.push_back({arena->base + offset, bytes});
      fixed_.push_back({arena, arena->base + offset, bytes});
    }
  }
  // RLIMIT_MEMLOCK refuses most often; the same operations work unpinned, a little slower.
  if (buffers.empty() || buffers.size() > MAX_FIXED_BUFFERS ||
      registerWith(fd_, IORING_REGISTER_BUFFERS, buffers.data(), static_cast<uint32_t>(buffers.size())) < 0)
    fixed_.clear();
}

Ring::~Ring() {
  if (fd_ < 0) return;
  const uint32_t abandoned = static_cast<uint32_t>(queued_.size());
  underWay_ -= abandoned;
  Completion ignored;
  while (underWay_ > 0) {
    while (collect(0, ignored)) {
    }
    if (underWay_ == 0) break;
    if (enter(fd_, 0, 1, IORING_ENTER_GETEVENTS) < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) {
      // The kernel may still write to these arenas: they stay for good.
      new std::vector<Operation>(std::move(operations_));
      break;
    }
  }
  unmap();
}

io_uring_sqe& Ring::next(int64_t token, std::shared_ptr<Arena> arena) {
  const uint32_t operation = free_.back();
  free_.pop_back();
  operations_[operation].token = token;
  operations_[operation].arena = std::move(arena);
  queued_.push_back(operation);
  ++underWay_;
  // Only this thread moves the tail. There are at least as many entries as operations, so the queue is never full here.
  const uint32_t tail = sqTail_->load(std::memory_order_relaxed);
  const uint32_t index = tail & sqMask_;
  io_uring_sqe& sqe = sqes_[index];
  memset(&sqe, 0, sizeof sqe);
  sqe.user_data = operation;
  sqe.fd = fileRegistered_ ? 0 : file_->fd;
  sqe.flags = fileRegistered_ ? IOSQE_FIXED_FILE : 0;
  sqArray_[index] = index;
  sqTail_->store(tail + 1, std::memory_order_release);
  return sqe;
}

void Ring::queueTransfer(bool write, std::shared_ptr<Arena> arena, char* base, size_t bytes, uint64_t offset, int64_t token) {
  const auto found = std::find_if(fixed_.begin(), fixed_.end(), [&](const Fixed& fixed) {
    return fixed.arena == arena && base >= fixed.base && base + bytes <= fixed.base + fixed.bytes;
  });
  io_uring_sqe& sqe = next(token, std::move(arena));
  sqe.addr = reinterpret_cast<uintptr_t>(base);
  sqe.len = static_cast<uint32_t>(bytes);
  sqe.off = offset;
  if (found != fixed_.end()) {
    sqe.opcode = write ? IORING_OP_WRITE_FIXED : IORING_OP_READ_FIXED;
    sqe.buf_index = static_cast<uint16_t>(found - fixed_.begin());
  } else {
    sqe.opcode = write ? IORING_OP_WRITE : IORING_OP_READ;
  }
}

void Ring::queueVector(bool write, std::shared_ptr<Arena> arena, const std::vector<iovec>& parts, uint64_t offset, int64_t token) {
  io_uring_sqe& sqe = next(token, std::move(arena));
  std::vector<iovec>& kept = operations_[sqe.user_data].parts;
  kept.assign(parts.begin(), parts.end());
  sqe.opcode = write ? IORING_OP_WRITEV : IORING_OP_READV;
  sqe.addr = reinterpret_cast<uintptr_t>(kept.data());
  sqe.len = static_cast<uint32_t>(kept.size());
  sqe.off = offset;
}

void Ring::queueDatasync(int64_t token) {
  io_uring_sqe& sqe = next(token, nullptr);
  sqe.opcode = IORING_OP_FSYNC;
  sqe.fsync_flags = IORING_FSYNC_DATASYNC;
  sqe.flags |= IOSQE_IO_DRAIN;
}

void Ring::queueLinkedDatasync(int64_t token) {
  queuedEntry(1).flags |= IOSQE_IO_LINK;
  io_uring_sqe& sqe = next(token, nullptr);
  sqe.opcode = IORING_OP_FSYNC;
  sqe.fsync_flags = IORING_FSYNC_DATASYNC;
}

io_uring_sqe& Ring::queuedEntry(size_t back) {
  return sqes_[(sqTail_->load(std::memory_order_relaxed) - static_cast<uint32_t>(back)) & sqMask_];
}

uint32_t Ring::submit(uint32_t atLeast) {
  uint32_t done = 0;
  while (done < queued_.size()) {
    const uint64_t now = monotonicNs();
    for (size_t index = done; index < queued_.size(); ++index) operations_[queued_[index]].submittedNs = now;
    const auto rest = static_cast<uint32_t>(queued_.size()) - done;
    const int submitted = enter(fd_, rest, atLeast, atLeast > 0 ? IORING_ENTER_GETEVENTS : 0);
    if (submitted < 0) {
      if (errno == EINTR) continue;
      // The kernel is short of memory or has completions to hand over first: the rest stays queued.
      if (errno == EAGAIN || errno == EBUSY) break;
      const int error = errno;
      queued_.erase(queued_.begin(), queued_.begin() + done);
      throwSystem(error, "io_uring_enter", file_->path);
    }
    if (submitted == 0) break;
    done += static_cast<uint32_t>(submitted);
    // A link does not reach over a submission that ended early: a sync left alone waits for everything instead.
    if (done < queued_.size()) {
      io_uring_sqe& first = queuedEntry(queued_.size() - done);
      if (first.opcode == IORING_OP_FSYNC) first.flags |= IOSQE_IO_DRAIN;
    }
  }
  queued_.erase(queued_.begin(), queued_.begin() + done);
  return done;
}

uint32_t Ring::ready() const {
  return cqTail_->load(std::memory_order_acquire) - cqHead_->load(std::memory_order_relaxed);
}

void Ring::wait(uint64_t atLeast) {
  // One system call does both in the usual case.
  submit(static_cast<uint32_t>(std::min<uint64_t>(atLeast, underWay_)));
  for (;;) {
    if (ready() >= std::min<uint64_t>(atLeast, underWay_)) return;
    const auto submitted = underWay_ - static_cast<uint32_t>(queued_.size());
    const auto target = static_cast<uint32_t>(std::min<uint64_t>(atLeast, submitted));
    if (ready() >= target) {
      // Only what the kernel would not take is missing. With completions to collect, the caller makes room first.
      if (ready() > 0) return;
      if (submit(0) == 0) throwSystem(EAGAIN, "io_uring_enter", file_->path, "the kernel takes no more operations");
      continue;
    }
    if (enter(fd_, 0, target, IORING_ENTER_GETEVENTS) < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY)
      throwSystem(errno, "io_uring_enter", file_->path);
  }
}

void Ring::poll() {
  if (deferred_ && (sqFlags_->load(std::memory_order_relaxed) & IORING_SQ_TASKRUN)) enter(fd_, 0, 0, IORING_ENTER_GETEVENTS);
}

bool Ring::collect(uint64_t now, Completion& completion) {
  const uint32_t head = cqHead_->load(std::memory_order_relaxed);
  if (head == cqTail_->load(std::memory_order_acquire)) return false;
  const io_uring_cqe& cqe = cqes_[head & cqMask_];
  const auto index = static_cast<uint32_t>(cqe.user_data);
  Operation& operation = operations_[index];
  completion = {operation.token, cqe.res, operation.submittedNs, now};
  operation.arena.reset();
  cqHead_->store(head + 1, std::memory_order_release);
  free_.push_back(index);
  --underWay_;
  return true;
}

uint64_t Ring::pinnedBytes() const {
  uint64_t bytes = 0;
  for (const Fixed& fixed : fixed_) bytes += fixed.bytes;
  return bytes;
}
