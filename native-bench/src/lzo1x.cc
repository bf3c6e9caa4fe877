#include "lzo1x.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "arena.h"

// A stream is a row of instructions: a run of literals, or a match (distance, length) with 0 to 3 literals behind it. A code
// below 16 means something else after a run, after a match with literals, and after one without. Lengths that do not fit the code go on in
// further bytes: 255 for each 0, and the first that is none.
//
// Most instructions are short. As long as input and output have room for any short one and for what wide copies write too much,
// they are carried out without asking for their limits one by one, and what is written too much the next one overwrites. All
// others, and the last of a page, go the careful way.

namespace {

/// Input that a short instruction may read: a code, 18 literals as 24, or a code, 2 bytes and 4 literals.
constexpr ptrdiff_t ROOM_IN = 32;
/// Output that it may write: a match of 33 as 48, and 4 literals behind it.
constexpr ptrdiff_t ROOM_OUT = 64;

/// The literals that went before, as far as they change what a code below 16 means: 0, 1 to 3, or RUN.
constexpr size_t RUN = 4;

template <size_t bytes>
void copyWide(uint8_t* to, const uint8_t* from) {
  uint8_t block[bytes];
  memcpy(block, from, bytes);  // all of it before the first is written: the two may overlap
  memcpy(to, block, bytes);
}

/// 8 bytes of the pattern that the `distance` (1 to 7) bytes before `to` repeat; reads up to 7 bytes from `to` on.
uint64_t patternBefore(const uint8_t* to, size_t distance) {
  // Multiplied by this, the lowest bytes of a word are repeated over it.
  static constexpr uint64_t REPEAT[] = {0,
                                        0x0101010101010101,
                                        0x0001000100010001,
                                        0x0001000001000001,
                                        0x0000000100000001,
                                        0x0000010000000001,
                                        0x0001000000000001,
                                        0x0100000000000001};
  uint64_t word;
  if constexpr (std::endian::native == std::endian::little) {
    memcpy(&word, to - distance, 8);
    return (word & ((uint64_t{1} << 8 * distance) - 1)) * REPEAT[distance];
  }
  uint8_t pattern[8];
  for (size_t i = 0; i < 8; i++) pattern[i] = i < distance ? to[i - distance] : pattern[i - distance];
  memcpy(&word, pattern, 8);
  return word;
}

/// Copies a match of a distance below 16, with up to 15 bytes too much.
void copyNear(uint8_t* to, size_t distance, size_t length) {
  const uint8_t* const end = to + length;
  if (distance >= 8) {
    do {
      copyWide<8>(to, to - distance);
      to += 8;
    } while (to < end);
    return;
  }
  const uint64_t pattern = patternBefore(to, distance);
  const size_t whole = 8 - 8 % distance;  // so far the pattern is the same in every step
  do {
    memcpy(to, &pattern, 8);
    to += whole;
  } while (to < end);
}

/// Copies a match of any length; `room` bytes may be written, which it may fill to the last, as a page that ends in zeros does.
void copyMatch(uint8_t* to, size_t distance, size_t length, size_t room) {
  const size_t spare = std::min<size_t>(room - length, 16);
  const size_t wide = length + spare > 16 ? length + spare - 16 : 0;
  if (wide > 0 && distance < 16) {
    copyNear(to, distance, wide);
  } else {
    for (size_t i = 0; i < wide; i += 16) copyWide<16>(to + i, to + i - distance);
  }
  for (size_t i = wide; i < length; i++) to[i] = to[i - distance];
}

/// A length that goes on in further bytes is added to `length`. False where they do not end.
bool addLength(const uint8_t*& in, const uint8_t* end, size_t& length) {
  for (; in < end; length += 255) {
    const uint8_t byte = *in++;
    if (byte != 0) {
      length += byte;
      return true;
    }
  }
  return false;
}

}  // namespace

bool decodeLzo1xPage(const uint8_t* src, size_t bytes, uint8_t* page) {
  const uint8_t* in = src;
  const uint8_t* const inEnd = src + bytes;
  uint8_t* out = page;
  uint8_t* const outEnd = page + PAGE;
  size_t before = 0;

  // A stream may begin with literals under a code of their own.
  if (bytes > 0 && *in > 17) {
    const size_t count = *in++ - 17U;
    if (count > static_cast<size_t>(inEnd - in)) return false;
    memcpy(out, in, count);
    in += count;
    out += count;
    before = std::min(count, RUN);
  }

  for (;;) {
    while (inEnd - in >= ROOM_IN && outEnd - out >= ROOM_OUT) {
      const size_t code = *in;
      if (code > 32) {
        // Two kinds of match in one way: which of them it is, no branch could foresee.
        const bool brief = code >= 64;
        const size_t word = in[1] | in[2] << 8;
        const size_t distance = 1 + (brief ? in[1] << 3 | (code >> 2 & 7) : word >> 2);
        const size_t length = brief ? 1 + (code >> 5) : code - 30;
        before = (brief ? code : word) & 3;
        in += brief ? 2 : 3;
        if (distance > static_cast<size_t>(out - page)) return false;
        if (distance < 16) {
          copyNear(out, distance, length);
        } else {
          copyWide<16>(out, out - distance);
          if (length > 16) {
            copyWide<16>(out + 16, out + 16 - distance);
            copyWide<16>(out + 32, out + 32 - distance);
          }
        }
        out += length;
        copyWide<4>(out, in);
        in += before;
        out += before;
      } else if (code < 16 && code > 0 && before == 0) {
        copyWide<16>(out, in + 1);
        copyWide<8>(out + 16, in + 17);
        in += code + 4;
        out += code + 3;
        before = RUN;
      } else {
        break;
      }
    }

    if (in == inEnd) return false;
    const size_t code = *in++;
    size_t distance = 0;
    size_t length = 0;
    if (code < 16 && before == 0) {
      length = code;
      if (code == 0 && !addLength(in, inEnd, length = 15)) return false;
      length += 3;
      if (length > static_cast<size_t>(inEnd - in) || length > static_cast<size_t>(outEnd - out)) return false;
      memcpy(out, in, length);
      in += length;
      out += length;
      before = RUN;
      continue;
    }
    if (code < 16 || code >= 64) {
      if (in == inEnd) return false;
      if (code >= 64) {
        length = 1 + (code >> 5);
        distance = 1 + (code >> 2 & 7) + (*in << 3);
      } else if (before == RUN) {
        length = 3;
        distance = 2049 + (code >> 2) + (*in << 2);
      } else {
        length = 2;
        distance = 1 + (code >> 2) + (*in << 2);
      }
      in++;
      before = code & 3;
    } else {
      const size_t most = code >= 32 ? 31 : 7;
      length = code & most;
      if (length == 0 && !addLength(in, inEnd, length = most)) return false;
      length += 2;
      if (inEnd - in < 2) return false;
      const size_t word = in[0] | in[1] << 8;
      in += 2;
      before = word & 3;
      if (code >= 32) {
        distance = 1 + (word >> 2);
      } else {
        // From 16 KiB on no distance lies inside a page; the first of them marks the end.
        const bool marker = (code & 8) == 0 && word >> 2 == 0;
        return marker && in == inEnd && out == outEnd;
      }
    }
    if (distance > static_cast<size_t>(out - page) || length > static_cast<size_t>(outEnd - out)) return false;
    copyMatch(out, distance, length, static_cast<size_t>(outEnd - out));
    out += length;
    if (before > static_cast<size_t>(inEnd - in) || before > static_cast<size_t>(outEnd - out)) return false;
    for (size_t i = 0; i < before; i++) *out++ = *in++;
  }
}
