// Page contents in arenas.

#include <cstring>

#include "entries.h"
#include "stamp.h"

namespace {

Stamp stampOf(const Call& call, size_t vpnIndex) {
  return Stamp(call.integer(vpnIndex, "vpn", 0, MAX_SAFE), call.integer(vpnIndex + 1, "version", 0, MAX_SAFE));
}

napi_value pageFill(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  char* page = call.pages(arena, 1, "page", 1);
  Arena& corpusArena = call.arena(2, "corpusArena");
  const char* corpus = call.pages(corpusArena, 3, "corpusPage", 1);
  stampOf(call, 4).fill(page, corpus);
  return nullptr;
}

napi_value pageStamp(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  char* page = call.pages(arena, 1, "page", 1);
  stampOf(call, 2).put(page);
  return nullptr;
}

napi_value pageVerify(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  const char* page = call.pages(arena, 1, "page", 1);
  Arena& corpusArena = call.arena(2, "corpusArena");
  const char* corpus = call.pages(corpusArena, 3, "corpusPage", 1);
  return call.result(stampOf(call, 4).matches(page, corpus));
}

/// 0: its words differ. 1: all zero. 2: another word, over and over.
napi_value pageSameFilled(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  const char* page = call.pages(arena, 1, "page", 1);
  if (!sameFilled(page)) return call.result(0U);
  uint64_t word;
  memcpy(&word, page, sizeof word);
  return call.result(word == 0 ? 1U : 2U);
}

constexpr Entry ENTRIES[] = {{"pageFill", guarded<pageFill>},
                             {"pageStamp", guarded<pageStamp>},
                             {"pageVerify", guarded<pageVerify>},
                             {"pageSameFilled", guarded<pageSameFilled>}};

}  // namespace

std::span<const Entry> pageEntries() { return ENTRIES; }
