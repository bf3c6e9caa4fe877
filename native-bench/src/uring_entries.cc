// io_uring as JavaScript sees it.

#include <climits>
#include <cerrno>

#include "clock.h"
#include "entries.h"

namespace {

constexpr uint32_t MAX_ENTRIES = 4096;
constexpr uint32_t MAX_ARENAS = 64;
// The kernel cuts a transfer at 2 GiB less a page.
constexpr uint64_t MAX_TRANSFER_PAGES = 0x7ffff000 / PAGE;
/// token, result, submittedNs, completedNs
constexpr size_t ROW = 4;

napi_value uringProbe(const Call& call) {
  const std::string reason = Ring::whyUnavailable();
  return call.object({{"available", call.result(reason.empty())}, {"reason", reason.empty() ? call.null() : call.result(reason)}});
}

napi_value uringOpen(const Call& call) {
  const auto entries = static_cast<uint32_t>(call.integer(1, "entries", 1, MAX_ENTRIES));
  // Elements first, handles after: reading an element may run JavaScript, which may release anything.
  bool isArray = false;
  napi_is_array(call.env, call.value(2), &isArray);
  uint32_t length = 0;
  if (!isArray || napi_get_array_length(call.env, call.value(2), &length) != napi_ok) throwType("arenas must be an array");
  if (length > MAX_ARENAS) throwRange("arenas: at most " + std::to_string(MAX_ARENAS));
  std::vector<double> handles(length);
  for (uint32_t index = 0; index < length; ++index) {
    napi_value element = nullptr;
    if (napi_get_element(call.env, call.value(2), index, &element) != napi_ok) throw PendingException{};
    if (napi_get_value_double(call.env, element, &handles[index]) != napi_ok) throwType("arenas must hold numbers");
  }
  std::vector<std::shared_ptr<Arena>> arenas;
  for (const double handle : handles) {
    const bool valid = handle >= 0 && handle <= UINT32_MAX && handle == static_cast<double>(static_cast<uint32_t>(handle));
    auto arena = valid ? call.state().arenas.share(static_cast<uint32_t>(handle)) : nullptr;
    if (!arena || arena->detached()) Call::unknownHandle("arenas: an element", "arena");
    arenas.push_back(std::move(arena));
  }
  const auto given = [&call](size_t index) {
    napi_valuetype type = napi_undefined;
    napi_typeof(call.env, call.value(index), &type);
    return type != napi_undefined;
  };
  const bool registerFile = !given(3) || call.boolean(3, "registerFile");
  const bool transfersOnly = given(4) && call.boolean(4, "transfersOnly");
  call.file(0, "file");
  auto file = call.state().files.share(call.handle(0, "file"));
  return call.result(call.state().rings.add(std::make_shared<Ring>(std::move(file), entries, arenas, registerFile, transfersOnly)));
}

napi_value uringClose(const Call& call) {
  if (!call.state().rings.remove(call.handle(0, "ring"))) Call::unknownHandle("ring", "ring");
  return nullptr;
}

napi_value queueTransfer(const Call& call, bool write) {
  Ring& ring = call.ring(0, "ring");
  auto arena = call.sharedArena(1, "arena");
  const uint64_t pages = call.integer(3, "pages", 1, std::min<uint64_t>(arena->pages, MAX_TRANSFER_PAGES));
  char* base = call.pages(*arena, 2, "page", pages);
  const uint64_t filePage = call.integer(4, "filePage", 0, MAX_FILE_PAGE - pages);
  const int64_t token = call.signedInteger(5, "token");
  if (ring.full()) return call.result(false);
  ring.queueTransfer(write, std::move(arena), base, pages * PAGE, filePage * PAGE, token);
  return call.result(true);
}

napi_value uringWrite(const Call& call) { return queueTransfer(call, true); }
napi_value uringRead(const Call& call) { return queueTransfer(call, false); }

napi_value queueVector(const Call& call, bool write) {
  size_t length = 0;
  const auto* pages = call.typedArray<const volatile int32_t>(2, "pages", napi_int32_array, "Int32Array", length);
  const uint64_t count = call.integer(3, "count", 1, std::min<uint64_t>(length, IOV_MAX));
  const uint64_t filePage = call.integer(4, "filePage", 0, MAX_FILE_PAGE - count);
  const int64_t token = call.signedInteger(5, "token");
  Ring& ring = call.ring(0, "ring");
  auto arena = call.sharedArena(1, "arena");
  thread_local std::vector<iovec> parts;
  parts.clear();
  for (uint64_t index = 0; index < count; ++index) {
    const int32_t page = pages[index];  // read once: another thread may share the array
    if (page < 0 || static_cast<uint64_t>(page) >= arena->pages)
      throwRange("pages[" + std::to_string(index) + "] must be from 0 to " + std::to_string(arena->pages - 1) + ", not " +
                 std::to_string(page));
    parts.push_back({arena->base + static_cast<size_t>(page) * PAGE, PAGE});
  }
  if (ring.full()) return call.result(false);
  ring.queueVector(write, std::move(arena), parts, filePage * PAGE, token);
  return call.result(true);
}

napi_value uringWriteVector(const Call& call) { return queueVector(call, true); }
napi_value uringReadVector(const Call& call) { return queueVector(call, false); }

Ring& ringOfSyncs(const Call& call) {
  Ring& ring = call.ring(0, "ring");
  if (ring.transfersOnly()) throwType("ring takes transfers only");
  return ring;
}

napi_value uringDatasync(const Call& call) {
  Ring& ring = ringOfSyncs(call);
  const int64_t token = call.signedInteger(1, "token");
  if (ring.full()) return call.result(false);
  ring.queueDatasync(token);
  return call.result(true);
}

napi_value uringLinkedDatasync(const Call& call) {
  Ring& ring = ringOfSyncs(call);
  const int64_t token = call.signedInteger(1, "token");
  if (ring.full() || !ring.hasQueued()) return call.result(false);
  ring.queueLinkedDatasync(token);
  return call.result(true);
}

napi_value uringSubmit(const Call& call) { return call.result(call.ring(0, "ring").submit(0)); }

struct Rows {
  double* data;
  size_t count;
};

Rows rows(const Call& call, size_t index) {
  size_t length = 0;
  auto* data = call.typedArray<double>(index, "out", napi_float64_array, "Float64Array", length);
  return {data, length / ROW};
}

napi_value collect(const Call& call, Ring& ring, const Rows& out) {
  const uint64_t now = monotonicNs();
  uint32_t count = 0;
  Ring::Completion completion;
  while (count < out.count && ring.collect(now, completion)) {
    double* row = out.data + ROW * count++;
    row[0] = static_cast<double>(completion.token);
    row[1] = completion.result;
    row[2] = static_cast<double>(completion.submittedNs);
    row[3] = static_cast<double>(completion.completedNs);
  }
  return call.result(count);
}

napi_value uringPoll(const Call& call) {
  Ring& ring = call.ring(0, "ring");
  const Rows out = rows(call, 1);
  ring.poll();
  return collect(call, ring, out);
}

napi_value uringWait(const Call& call) {
  Ring& ring = call.ring(0, "ring");
  const Rows out = rows(call, 1);
  const uint64_t atLeast = call.integer(2, "atLeast", 0, MAX_SAFE);
  ring.wait(std::min<uint64_t>(atLeast, out.count));
  return collect(call, ring, out);
}

napi_value uringPinnedBytes(const Call& call) {
  return call.result(static_cast<double>(call.ring(0, "ring").pinnedBytes()));
}

napi_value uringFileRegistered(const Call& call) { return call.result(call.ring(0, "ring").fileRegistered()); }

constexpr Entry ENTRIES[] = {{"uringProbe", guarded<uringProbe>},       {"uringOpen", guarded<uringOpen>},
                             {"uringClose", guarded<uringClose>},       {"uringWrite", guarded<uringWrite>},
                             {"uringRead", guarded<uringRead>},         {"uringDatasync", guarded<uringDatasync>},
                             {"uringLinkedDatasync", guarded<uringLinkedDatasync>},
                             {"uringWriteVector", guarded<uringWriteVector>},
                             {"uringReadVector", guarded<uringReadVector>},
                             {"uringFileRegistered", guarded<uringFileRegistered>},
                             {"uringSubmit", guarded<uringSubmit>},     {"uringPoll", guarded<uringPoll>},
                             {"uringWait", guarded<uringWait>},         {"uringPinnedBytes", guarded<uringPinnedBytes>}};

}  // namespace

std::span<const Entry> uringEntries() { return ENTRIES; }
