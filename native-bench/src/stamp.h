#pragma once
// Contents of a page of the workload: a corpus page with a stamp of 16 bytes, the vpn and the version as two 64-bit words,
// at byte 16 * (vpn mod 256), so that pages that share a corpus page differ, and at different places.
// A corpus page of one repeated word is never stamped: it stays what it is through all its versions, as the share of such pages
// in a program does. With a stamp nothing that keeps such pages out of the pool would ever meet one.

#include <cstdint>
#include <cstring>

#include "arena.h"

/// Whether one 64-bit word fills the page: every word equals the one before it where the page equals itself shifted by a word. The
/// last word first: it settles most pages (the kernel's zswap looks there first too).
inline bool sameFilled(const char* page) {
  constexpr size_t WORD = sizeof(uint64_t);
  return memcmp(page + PAGE - WORD, page, WORD) == 0 && memcmp(page, page + WORD, PAGE - WORD) == 0;
}

struct Stamp {
  static constexpr size_t BYTES = 16;
  static constexpr size_t PLACES = PAGE / BYTES;

  Stamp(uint64_t vpn, uint64_t version) : words{vpn, version}, offset(BYTES * (vpn % PLACES)) {}

  uint64_t words[2];
  size_t offset;

  void put(char* page) const { memcpy(page + offset, words, BYTES); }
  void fill(char* page, const char* corpus) const {
    if (page != corpus) memcpy(page, corpus, PAGE);
    if (!sameFilled(corpus)) put(page);
  }
  bool matches(const char* page, const char* corpus) const {
    if (sameFilled(corpus)) return memcmp(page, corpus, PAGE) == 0;
    const size_t after = offset + BYTES;
    return memcmp(page + offset, words, BYTES) == 0 && memcmp(page, corpus, offset) == 0 &&
           memcmp(page + after, corpus + after, PAGE - after) == 0;
  }
};
