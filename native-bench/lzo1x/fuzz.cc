// Checks the decoder: lzo1x_fuzz SEED RUNS [FILE of pages]. Built with the address sanitizer; streams and pages lie in allocations of
// exactly their size. Started by lzo1x.test.ts.
//
// A run is one stream: written instruction by instruction in every form the format has, together with the page it stands for; or what liblzo2's compressor
// makes of a page of some kind. The decoder must give that page. Then the stream is damaged, a few times over: liblzo2's safe decoder must
// come to the same verdict, and to the same page. Without liblzo2 the written streams are left.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>

#include "../src/lzo1x.h"
#include "liblzo2.h"

namespace {

using Bytes = std::vector<uint8_t>;

class Dice {
 public:
  explicit Dice(uint64_t seed) : source_(seed) {}
  /// 0 to below.
  size_t below(size_t limit) { return source_() % limit; }
  size_t between(size_t low, size_t high) { return low + below(high - low + 1); }
  bool oneIn(size_t n) { return below(n) == 0; }
  uint8_t byte() { return static_cast<uint8_t>(source_()); }

 private:
  std::mt19937_64 source_;
};

/// Writes a stream, and beside it what it stands for.
class Writer {
 public:
  explicit Writer(Dice& dice) : dice_(dice) {}

  /// False where what is left of the page cannot be filled any more.
  bool write() {
    if (dice_.oneIn(2)) {
      const size_t count = dice_.between(1, 238);
      stream.push_back(static_cast<uint8_t>(17 + count));
      literals(count);
      before_ = std::min<size_t>(count, 4);
    }
    while (page.size() < PAGE)
      if (!instruction()) return false;
    // Any length will do in an end marker.
    if (dice_.oneIn(8)) {
      code(16, 7, dice_.between(1, 600));
    } else {
      stream.push_back(17);
    }
    stream.push_back(dice_.oneIn(8) ? static_cast<uint8_t>(dice_.below(4)) : 0);
    stream.push_back(0);
    return true;
  }

  Bytes stream;
  Bytes page;

 private:
  enum Form { LITERALS, BRIEF_2, BRIEF_3, NEAR, FAR };

  size_t left() const { return PAGE - page.size(); }

  bool possible(Form form) const {
    switch (form) {
      case LITERALS: return before_ == 0 && left() >= 4;
      case BRIEF_2: return before_ >= 1 && before_ <= 3 && left() >= 2 && !page.empty();
      case BRIEF_3: return before_ == 4 && left() >= 3 && page.size() >= 2049;
      case NEAR:
      case FAR: return left() >= 3 && !page.empty();
    }
    return false;
  }

  bool instruction() {
    Form forms[5];
    size_t count = 0;
    for (const Form form : {LITERALS, BRIEF_2, BRIEF_3, NEAR, FAR})
      if (possible(form)) forms[count++] = form;
    if (count == 0) return false;
    switch (forms[dice_.below(count)]) {
      case LITERALS: {
        const size_t length = someLength(4, 18);
        code(0, 15, length - 3);
        literals(length);
        before_ = 4;
        break;
      }
      case BRIEF_2: {
        const size_t distance = someDistance(1, 1024) - 1;
        match(2, distance + 1, [&](size_t tail) {
          stream.push_back(static_cast<uint8_t>((distance & 3) << 2 | tail));
          stream.push_back(static_cast<uint8_t>(distance >> 2));
        });
        break;
      }
      case BRIEF_3: {
        const size_t distance = dice_.between(2049, std::min<size_t>(page.size(), 3072)) - 2049;
        match(3, distance + 2049, [&](size_t tail) {
          stream.push_back(static_cast<uint8_t>((distance & 3) << 2 | tail));
          stream.push_back(static_cast<uint8_t>(distance >> 2));
        });
        break;
      }
      case NEAR: {
        const size_t length = dice_.between(3, std::min<size_t>(left(), 8));
        const size_t distance = someDistance(1, 2048) - 1;
        match(length, distance + 1, [&](size_t tail) {
          stream.push_back(static_cast<uint8_t>((length - 1) << 5 | (distance & 7) << 2 | tail));
          stream.push_back(static_cast<uint8_t>(distance >> 3));
        });
        break;
      }
      case FAR: {
        const size_t length = someLength(3, 33);
        const size_t distance = someDistance(1, PAGE) - 1;
        match(length, distance + 1, [&](size_t tail) {
          code(32, 31, length - 2);
          stream.push_back(static_cast<uint8_t>(distance << 2 | tail));
          stream.push_back(static_cast<uint8_t>(distance >> 6));
        });
        break;
      }
    }
    return true;
  }

  /// A code with a length of 1 to `most` in it, or with further bytes for it.
  void code(size_t kind, size_t most, size_t length) {
    if (length <= most) {
      stream.push_back(static_cast<uint8_t>(kind | length));
      return;
    }
    stream.push_back(static_cast<uint8_t>(kind));
    for (length -= most; length > 255; length -= 255) stream.push_back(0);
    stream.push_back(static_cast<uint8_t>(length));
  }

  /// Mostly one that fits a code, sometimes any.
  size_t someLength(size_t least, size_t most) {
    return dice_.between(least, std::min(left(), dice_.oneIn(8) ? PAGE : dice_.oneIn(4) ? 2 * most : most));
  }

  size_t someDistance(size_t least, size_t most) {
    return dice_.between(least, std::min({page.size(), most, dice_.oneIn(2) ? size_t{16} : most}));
  }

  void literals(size_t count) {
    const bool alike = dice_.oneIn(4);
    const uint8_t first = dice_.byte();
    for (size_t i = 0; i < count; i++) {
      const uint8_t byte = alike ? first : dice_.byte();
      stream.push_back(byte);
      page.push_back(byte);
    }
  }

  template <class Head>
  void match(size_t length, size_t distance, Head head) {
    const size_t rest = left() - length;
    const size_t tail = rest <= 3 ? rest : dice_.below(4);
    head(tail);
    for (size_t i = 0; i < length; i++) page.push_back(page[page.size() - distance]);
    literals(tail);
    before_ = tail;
  }

  Dice& dice_;
  size_t before_ = 0;
};

Bytes pageOfSomeKind(Dice& dice, const Bytes& captured) {
  Bytes page(PAGE);
  const auto noise = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; i++) page[i] = dice.byte();
  };
  switch (dice.below(captured.empty() ? 6 : 9)) {
    case 0:  // nothing but one byte, and a few others
      memset(page.data(), dice.oneIn(2) ? 0 : dice.byte(), PAGE);
      for (size_t i = dice.below(20); i > 0; i--) page[dice.below(PAGE)] = dice.byte();
      break;
    case 1:
      noise(0, PAGE);
      break;
    case 2: {  // a short period, disturbed now and then
      const size_t period = dice.between(1, 40);
      noise(0, period);
      for (size_t i = period; i < PAGE; i++) page[i] = dice.oneIn(200) ? dice.byte() : page[i - period];
      break;
    }
    case 3: {  // a long run of literals, then the same again from far away
      const size_t run = dice.between(1, PAGE - 1);
      noise(0, run);
      for (size_t i = run; i < PAGE; i++) page[i] = page[i - run];
      break;
    }
    case 4: {  // words of a small vocabulary
      static constexpr const char* WORDS[] = {"swap", "frame ", "pool", " of ", "writeback", "\n", "zpage, ", "the "};
      for (size_t at = 0; at < PAGE;) {
        const char* word = WORDS[dice.below(std::size(WORDS))];
        for (; *word != 0 && at < PAGE; word++) page[at++] = static_cast<uint8_t>(*word);
      }
      break;
    }
    case 5: {  // a table of pointers
      const uint64_t base = 0x7f0000000000 + dice.below(1 << 30);
      for (size_t at = 0; at < PAGE; at += 8) {
        const uint64_t pointer = dice.oneIn(3) ? 0 : base + 16 * dice.below(4096);
        memcpy(&page[at], &pointer, 8);
      }
      break;
    }
    default:
      memcpy(page.data(), &captured[PAGE * dice.below(captured.size() / PAGE)], PAGE);
  }
  return page;
}

void damage(Dice& dice, Bytes& stream) {
  // Codes and limits of the format.
  static constexpr uint8_t MARKS[] = {0, 1, 3, 15, 16, 17, 18, 21, 24, 31, 32, 33, 63, 64, 127, 128, 254, 255};
  for (size_t times = dice.between(1, 4); times > 0; times--) {
    const size_t at = stream.empty() ? 0 : dice.below(stream.size());
    switch (stream.empty() ? 3 : dice.below(7)) {
      case 0: stream[at] ^= static_cast<uint8_t>(1 << dice.below(8)); break;
      case 1: stream[at] = dice.byte(); break;
      case 2: stream[at] = MARKS[dice.below(std::size(MARKS))]; break;
      case 3: stream.insert(stream.begin() + static_cast<ptrdiff_t>(at), dice.between(1, 20), MARKS[dice.below(std::size(MARKS))]); break;
      case 4: stream.erase(stream.begin() + static_cast<ptrdiff_t>(at)); break;
      case 5: stream.resize(dice.oneIn(2) ? at : stream.size() - std::min<size_t>(stream.size(), dice.between(1, 8))); break;
      case 6: {
        const size_t from = dice.below(stream.size());
        const size_t count = std::min(dice.between(1, 32), stream.size() - std::max(at, from));
        memmove(&stream[at], &stream[from], count);
        break;
      }
    }
  }
}

[[noreturn]] void fail(const char* what, const Bytes& stream) {
  fprintf(stderr, "%s; the stream:\n", what);
  for (const uint8_t byte : stream) fprintf(stderr, "%02x", byte);
  fputc('\n', stderr);
  exit(1);
}

/// In memory of exactly its size, which the sanitizer watches.
bool decode(const Bytes& stream, uint8_t* page) {
  const std::unique_ptr<uint8_t[]> exact{new uint8_t[stream.size()]};
  std::copy(stream.begin(), stream.end(), exact.get());
  return decodeLzo1xPage(exact.get(), stream.size(), page);
}

Bytes pagesOf(const char* path) {
  FILE* file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  Bytes pages(2048 * PAGE);
  pages.resize(PAGE * fread(pages.data(), PAGE, 2048, file));
  fclose(file);
  return pages;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fprintf(stderr, "usage: lzo1x_fuzz SEED RUNS [FILE]\n");
    return 2;
  }
  Dice dice{strtoull(argv[1], nullptr, 10)};
  const Bytes captured = argc == 4 ? pagesOf(argv[3]) : Bytes{};
  std::optional<Liblzo2> library;
  try {
    library.emplace();
  } catch (const LibraryMissing&) {
  }
  const std::unique_ptr<uint8_t[]> page{new uint8_t[PAGE]};
  const std::unique_ptr<uint8_t[]> theirs{new uint8_t[PAGE]};
  unsigned long sound = 0;
  unsigned long damaged = 0;
  unsigned long accepted = 0;
  for (unsigned long runs = strtoul(argv[2], nullptr, 10); runs > 0; runs--) {
    Bytes stream;
    Bytes expected;
    if (library && dice.oneIn(2)) {
      expected = pageOfSomeKind(dice, captured);
      stream = library->compress(expected.data());
    } else {
      Writer writer{dice};
      if (!writer.write()) continue;
      stream = writer.stream;
      expected = writer.page;
      if (library && !library->decompress(stream.data(), stream.size(), theirs.get())) fail("liblzo2 refuses a sound stream", stream);
    }
    if (!decode(stream, page.get())) fail("a sound stream was refused", stream);
    if (memcmp(page.get(), expected.data(), PAGE) != 0) fail("a page came back wrong", stream);
    sound++;
    for (int i = 0; i < 8; i++) {
      Bytes worse = stream;
      damage(dice, worse);
      const bool ours = decode(worse, page.get());
      damaged++;
      accepted += ours;
      if (!library) continue;
      if (library->decompress(worse.data(), worse.size(), theirs.get()) != ours) fail(ours ? "only liblzo2 refuses" : "only liblzo2 accepts", worse);
      if (ours && memcmp(page.get(), theirs.get(), PAGE) != 0) fail("liblzo2 gives another page", worse);
    }
  }
  printf("%lu sound streams, %lu damaged, %lu of them pages all the same%s\n", sound, damaged, accepted,
         library ? "" : "; without liblzo2");
}
