// Live memory as JavaScript sees it.

#include <algorithm>
#include <utility>

#include "clock.h"
#include "entries.h"
#include "stamp.h"

namespace {

/// Large enough for the address space that the lab allows, pages.
constexpr size_t MAX_PAGES = 1U << 22;
constexpr size_t MAX_THREADS = 64;
constexpr uint8_t MAX_KIND = 254;
constexpr int MAX_WAIT_MS = 10000;
/// Rows of liveRun's and liveResume's state.
enum State : size_t { ASIDE_NS, VERIFIED, MISMATCH, STATE_ROWS };
/// Doubles in a row of liveFaults.
constexpr size_t FAULT_ROW = 2;

napi_value liveProbe(const Call& call) {
  const Live::Support support = Live::support();
  const auto reason = [&](const std::string& why) { return why.empty() ? call.null() : call.result(why); };
  return call.object({{"sigbus", reason(support.withoutThreads)}, {"handler", reason(support.withThreads)}});
}

napi_value liveOpen(const Call& call) {
  const size_t pages = call.integer(0, "pages", 1, MAX_PAGES);
  const size_t threads = call.integer(1, "threads", 0, MAX_THREADS);
  return call.result(call.state().lives.add(std::make_shared<Live>(pages, threads)));
}

napi_value liveClose(const Call& call) {
  if (!call.state().lives.remove(call.handle(0, "live"))) Call::unknownHandle("live", "live memory");
  return nullptr;
}

napi_value liveContents(const Call& call) {
  Live& live = call.live(0, "live");
  if (live.busy()) throwRange("live: its threads are at work");
  live.memory.takeContents(call, 1, live.pages);
  return nullptr;
}

size_t vpnOf(const Call& call, const Live& live) { return call.integer(1, "page", 0, live.pages - 1); }

void needIdle(const Live& live) {
  if (live.busy()) throwRange("live: its threads are at work");
}

napi_value liveMap(const Call& call) {
  Live& live = call.live(0, "live");
  const size_t vpn = vpnOf(call, live);
  const char* from = call.pages(call.arena(2, "arena"), 3, "frame", 1);
  const auto kind = static_cast<uint8_t>(call.integer(4, "kind", 0, MAX_KIND));
  const bool protect = call.boolean(5, "protect");
  if (live.mapped(vpn)) throwRange("page " + std::to_string(vpn) + " is mapped");
  live.map(vpn, from, kind, protect);
  return nullptr;
}

napi_value liveZero(const Call& call) {
  Live& live = call.live(0, "live");
  const size_t vpn = vpnOf(call, live);
  const auto kind = static_cast<uint8_t>(call.integer(2, "kind", 0, MAX_KIND));
  if (live.mapped(vpn)) throwRange("page " + std::to_string(vpn) + " is mapped");
  live.map(vpn, nullptr, kind, false);
  return nullptr;
}

napi_value liveMapped(const Call& call) {
  Live& live = call.live(0, "live");
  return call.result(live.mapped(vpnOf(call, live)));
}

napi_value liveWritten(const Call& call) {
  Live& live = call.live(0, "live");
  return call.result(live.written(vpnOf(call, live)));
}

napi_value liveUnmap(const Call& call) {
  Live& live = call.live(0, "live");
  const size_t vpn = vpnOf(call, live);
  char* to = call.pages(call.arena(2, "arena"), 3, "frame", 1);
  return call.result(live.unmap(vpn, to, call.boolean(4, "clean")));
}

napi_value liveDiscard(const Call& call) {
  Live& live = call.live(0, "live");
  needIdle(live);
  live.discard(vpnOf(call, live));
  return nullptr;
}

napi_value liveFlush(const Call& call) {
  call.live(0, "live").flush();
  return nullptr;
}

napi_value livePresence(const Call& call) {
  const Live& live = call.live(0, "live");
  return call.result(static_cast<double>(live.memory.present(0, live.pages + Live::STAGING)));
}

napi_value liveVerify(const Call& call) {
  Live& live = call.live(0, "live");
  needIdle(live);
  live.memory.needContents();
  const size_t vpn = vpnOf(call, live);
  const char* frame = call.pages(call.arena(2, "arena"), 3, "frame", 1);
  const Memory& memory = live.memory;
  const char* page = live.mapped(vpn) ? memory.page(vpn) : frame;
  return call.result(memory.version[vpn] == 0 || Stamp(vpn, memory.version[vpn]).matches(page, memory.contentOf(vpn)));
}

/// One access of an array, read once: another thread may share it.
Access accessAt(const Live& live, const volatile uint32_t* accesses, size_t index) {
  const uint32_t given = accesses[index];
  const Access access{given >> 2, (given & 3) == Access::WRITE};
  if (access.vpn >= live.pages || (given & 3) > Access::WRITE)
    throwRange("accesses[" + std::to_string(index) + "] is no access to this memory");
  return access;
}

double* stateRows(const Call& call, size_t index) {
  size_t length = 0;
  auto* rows = call.typedArray<double>(index, "state", napi_float64_array, "Float64Array", length);
  if (length < STATE_ROWS) throwRange("state must have room for " + std::to_string(STATE_ROWS) + " numbers");
  return rows;
}

Live& withoutThreads(const Call& call) {
  Live& live = call.live(0, "live");
  if (live.threads > 0) throwRange("live: it is touched by threads of its own");
  live.memory.needContents();
  return live;
}

napi_value liveRun(const Call& call) {
  Live& live = withoutThreads(call);
  size_t length = 0;
  const auto* accesses = call.typedArray<const volatile uint32_t>(1, "accesses", napi_uint32_array, "Uint32Array", length);
  const size_t count = call.integer(3, "count", 0, length);
  size_t at = call.integer(2, "from", 0, count);
  live.flush();
  for (; at < count; ++at) {
    const auto [vpn, write] = accessAt(live, accesses, at);
    const uint64_t start = monotonicNs();
    if (!live.touchHere(vpn, write)) {
      live.pending = {true, vpn, write, start};
      break;
    }
    // Content of a page that nobody has filled: it was mapped without having been missed.
    bool verified = false;
    if (live.memory.version[vpn] == 0)
      live.check(vpn, verified);
    else if (write)
      live.put(vpn);
  }
  return call.result(static_cast<double>(at));
}

napi_value liveResume(const Call& call) {
  Live& live = withoutThreads(call);
  double* state = stateRows(call, 1);
  if (!live.pending.waiting) throwRange("live: no access waits for its page");
  const auto [waiting, vpn, write, start] = std::exchange(live.pending, {});
  if (!live.mapped(vpn)) throwRange("live: page " + std::to_string(vpn) + " is missing still");
  if (!live.touchHere(vpn, write)) throw CodedFailure{"INTERNAL", "page " + std::to_string(vpn) + " was brought, and is missing"};
  const uint64_t end = monotonicNs();
  const bool known = live.memory.version[vpn] != 0;
  bool verified = false;
  if (!live.check(vpn, verified)) state[MISMATCH] = static_cast<double>(vpn);
  if (verified) ++state[VERIFIED];
  state[ASIDE_NS] += static_cast<double>(monotonicNs() - end);
  if (write && known) live.put(vpn);
  return call.result(static_cast<double>(end - start));
}

napi_value liveStart(const Call& call) {
  Live& live = call.live(0, "live");
  if (live.threads == 0) throwRange("live: it has no threads");
  if (live.over()) throwRange("live: its threads were called out");
  needIdle(live);
  live.memory.needContents();
  size_t length = 0;
  const auto* accesses = call.typedArray<const volatile uint32_t>(1, "accesses", napi_uint32_array, "Uint32Array", length);
  const size_t count = call.integer(2, "count", 0, std::min(length, Live::MAX_BATCH));
  std::vector<Access> batch(count);
  for (size_t at = 0; at < count; ++at) batch[at] = accessAt(live, accesses, at);
  live.start(std::move(batch));
  return nullptr;
}

napi_value liveWait(const Call& call) {
  Live& live = call.live(0, "live");
  size_t length = 0;
  auto* events = call.typedArray<uint32_t>(1, "events", napi_uint32_array, "Uint32Array", length);
  if (length == 0) throwRange("events must have room for one");
  const int timeout = static_cast<int>(call.integer(2, "timeoutMs", 0, MAX_WAIT_MS));
  return call.result(static_cast<double>(live.wait(events, length, timeout)));
}

napi_value liveFaults(const Call& call) {
  const Live& live = call.live(0, "live");
  needIdle(live);
  size_t length = 0;
  auto* rows = call.typedArray<double>(1, "rows", napi_float64_array, "Float64Array", length);
  size_t count = 0;
  uint64_t verified = 0;
  uint64_t elapsedNs = 0;
  int64_t mismatch = -1;
  bool calledOut = false;
  for (const auto& toucher : live.touchers()) {
    if ((count + toucher->faultCount) * FAULT_ROW > length) throwRange("rows must have room for every fault of the batch");
    for (size_t at = 0; at < toucher->faultCount; ++at, ++count) {
      rows[count * FAULT_ROW] = toucher->faults[at].kind;
      rows[count * FAULT_ROW + 1] = static_cast<double>(toucher->faults[at].ns);
    }
    verified += toucher->verified;
    elapsedNs = std::max(elapsedNs, toucher->elapsedNs);
    mismatch = std::max(mismatch, toucher->mismatch);
    calledOut = calledOut || toucher->calledOut;
  }
  return call.object({{"count", call.result(static_cast<double>(count))},
                      {"elapsedNs", call.result(static_cast<double>(elapsedNs))},
                      {"verified", call.result(static_cast<double>(verified))},
                      {"mismatch", call.result(static_cast<double>(mismatch))},
                      {"calledOut", call.result(calledOut)}});
}

napi_value liveCallOut(const Call& call) {
  call.live(0, "live").callOut();
  return nullptr;
}

constexpr Entry ENTRIES[] = {{"liveProbe", guarded<liveProbe>},       {"liveOpen", guarded<liveOpen>},
                             {"liveClose", guarded<liveClose>},       {"liveContents", guarded<liveContents>},
                             {"liveMap", guarded<liveMap>},           {"liveZero", guarded<liveZero>},
                             {"liveMapped", guarded<liveMapped>},     {"liveWritten", guarded<liveWritten>},
                             {"liveUnmap", guarded<liveUnmap>},       {"liveDiscard", guarded<liveDiscard>},
                             {"liveFlush", guarded<liveFlush>},       {"livePresence", guarded<livePresence>},
                             {"liveVerify", guarded<liveVerify>},     {"liveRun", guarded<liveRun>},
                             {"liveResume", guarded<liveResume>},     {"liveStart", guarded<liveStart>},
                             {"liveWait", guarded<liveWait>},         {"liveFaults", guarded<liveFaults>},
                             {"liveCallOut", guarded<liveCallOut>}};

}  // namespace

std::span<const Entry> liveEntries() { return ENTRIES; }
