#include "arena.h"

#include <sys/mman.h>

#include <cstring>
#include <memory>

#include "entries.h"

// Linux 6.1; headers may be older.
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace {

/// What one entry of the kernel's next page table level maps, on x86-64 and with small pages of 4 KiB on arm64.
constexpr size_t LARGE_PAGE = 2 << 20;

/// A resizable buffer can shrink under the addon; only buffers of fixed length are safe to keep.
bool resizable(const Call& call, napi_value buffer) {
  napi_value property = nullptr;
  bool value = false;
  if (napi_get_named_property(call.env, buffer, "resizable", &property) != napi_ok) throw PendingException{};
  napi_get_value_bool(call.env, property, &value);  // absent in old engines, which have no resizable buffers
  return value;
}

napi_value arenaRegister(const Call& call) {
  bool isBuffer = false;
  napi_is_arraybuffer(call.env, call.value(0), &isBuffer);
  if (!isBuffer) throwType("buffer must be an ArrayBuffer");
  if (resizable(call, call.value(0))) throwType("buffer must not be resizable");
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_arraybuffer_info(call.env, call.value(0), &data, &length) != napi_ok || length < PAGE)
    throwRange("buffer must hold at least one page");
  const uint64_t pages = call.integer(1, "pages", 1, length / PAGE);
  const auto address = reinterpret_cast<uintptr_t>(data);
  const auto until = [address](size_t alignment) { return (alignment - address % alignment) % alignment; };
  const auto fits = [&](size_t offset) { return length >= offset + pages * PAGE; };
  const size_t offset = fits(until(LARGE_PAGE)) ? until(LARGE_PAGE) : until(PAGE);
  if (!fits(offset)) throwRange("buffer must hold so many aligned pages");
  napi_ref reference = nullptr;
  if (napi_create_reference(call.env, call.value(0), 1, &reference) != napi_ok)
    throw CodedFailure{"INTERNAL", "the buffer could not be referenced"};
  // The kernel reaches its pages through a direct map of large pages; with small ones every store and load here would first miss
  // the TLB, and a transfer of many pages would be one of many pieces. EINVAL: a kernel that cannot.
  char* base = static_cast<char*>(data) + offset;
  madvise(base, pages * PAGE, MADV_HUGEPAGE);
  // A buffer may be memory of the heap that was freed before and is in small pages already, which that does not change.
  madvise(base, pages * PAGE, MADV_COLLAPSE);
  auto arena = std::make_shared<Arena>(call.env, reference, base, pages);
  return call.object({{"id", call.result(call.state().arenas.add(std::move(arena)))},
                      {"byteOffset", call.result(static_cast<uint32_t>(offset))}});
}

napi_value arenaRelease(const Call& call) {
  if (!call.state().arenas.remove(call.handle(0, "id"))) Call::unknownHandle("id", "arena");
  return nullptr;
}

napi_value copy(const Call& call) {
  Arena& dst = call.arena(0, "dstArena");
  Arena& src = call.arena(2, "srcArena");
  const uint64_t dstOffset = call.integer(1, "dstOffset", 0, dst.bytes());
  const uint64_t srcOffset = call.integer(3, "srcOffset", 0, src.bytes());
  const uint64_t bytes = call.integer(4, "bytes", 0, std::min(dst.bytes() - dstOffset, src.bytes() - srcOffset));
  memmove(dst.base + dstOffset, src.base + srcOffset, bytes);
  return nullptr;
}

constexpr Entry ENTRIES[] = {
    {"arenaRegister", guarded<arenaRegister>}, {"arenaRelease", guarded<arenaRelease>}, {"copy", guarded<copy>}};

}  // namespace

std::span<const Entry> arenaEntries() { return ENTRIES; }
