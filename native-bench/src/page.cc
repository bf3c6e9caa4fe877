// Contents of a page of the workload: a corpus page with a stamp of 16 bytes, the vpn and the version as two 64-bit words,
// at byte 16 * (vpn mod 256), so that pages that share a corpus page differ, and at different places.

#include <cstring>

#include "entries.h"

namespace {

constexpr size_t STAMP = 16;
constexpr size_t STAMP_PLACES = PAGE / STAMP;

struct Stamp {
  uint64_t words[2];
  size_t offset;

  Stamp(const Call& call, size_t vpnIndex) {
    words[0] = call.integer(vpnIndex, "vpn", 0, MAX_SAFE);
    words[1] = call.integer(vpnIndex + 1, "version", 0, MAX_SAFE);
    offset = STAMP * (words[0] % STAMP_PLACES);
  }
};

napi_value pageFill(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  char* page = call.pages(arena, 1, "page", 1);
  Arena& corpusArena = call.arena(2, "corpusArena");
  const char* corpus = call.pages(corpusArena, 3, "corpusPage", 1);
  const Stamp stamp(call, 4);
  if (page != corpus) memcpy(page, corpus, PAGE);
  memcpy(page + stamp.offset, stamp.words, STAMP);
  return nullptr;
}

napi_value pageStamp(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  char* page = call.pages(arena, 1, "page", 1);
  const Stamp stamp(call, 2);
  memcpy(page + stamp.offset, stamp.words, STAMP);
  return nullptr;
}

napi_value pageVerify(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  const char* page = call.pages(arena, 1, "page", 1);
  Arena& corpusArena = call.arena(2, "corpusArena");
  const char* corpus = call.pages(corpusArena, 3, "corpusPage", 1);
  const Stamp stamp(call, 4);
  const size_t after = stamp.offset + STAMP;
  return call.result(memcmp(page + stamp.offset, stamp.words, STAMP) == 0 && memcmp(page, corpus, stamp.offset) == 0 &&
                     memcmp(page + after, corpus + after, PAGE - after) == 0);
}

napi_value pageSameFilled(const Call& call) {
  Arena& arena = call.arena(0, "arena");
  const char* page = call.pages(arena, 1, "page", 1);
  // Every word equals the one before it where the page equals itself shifted by a word. The last word first: it settles most
  // pages (the kernel's zswap looks there first too).
  uint64_t word;
  memcpy(&word, page, sizeof word);
  if (memcmp(page + PAGE - sizeof word, &word, sizeof word) != 0 || memcmp(page, page + sizeof word, PAGE - sizeof word) != 0)
    return call.null();
  napi_value result = nullptr;
  napi_create_bigint_uint64(call.env, word, &result);
  return result;
}

constexpr Entry ENTRIES[] = {{"pageFill", guarded<pageFill>},
                             {"pageStamp", guarded<pageStamp>},
                             {"pageVerify", guarded<pageVerify>},
                             {"pageSameFilled", guarded<pageSameFilled>}};

}  // namespace

std::span<const Entry> pageEntries() { return ENTRIES; }
