#pragma once
// Contents of a page of the workload: a corpus page with a stamp of 16 bytes, the vpn and the version as two 64-bit words,
// at byte 16 * (vpn mod 256), so that pages that share a corpus page differ, and at different places.

#include <cstdint>
#include <cstring>

#include "arena.h"

struct Stamp {
  static constexpr size_t BYTES = 16;
  static constexpr size_t PLACES = PAGE / BYTES;

  Stamp(uint64_t vpn, uint64_t version) : words{vpn, version}, offset(BYTES * (vpn % PLACES)) {}

  uint64_t words[2];
  size_t offset;

  void put(char* page) const { memcpy(page + offset, words, BYTES); }
  void fill(char* page, const char* corpus) const {
    if (page != corpus) memcpy(page, corpus, PAGE);
    put(page);
  }
  bool matches(const char* page, const char* corpus) const {
    const size_t after = offset + BYTES;
    return memcmp(page + offset, words, BYTES) == 0 && memcmp(page, corpus, offset) == 0 &&
           memcmp(page + after, corpus + after, PAGE - after) == 0;
  }
};
