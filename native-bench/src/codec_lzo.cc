// lzo1x_1, the compressor zcache and zswap used by default. Compressed by liblzo2.so.2, which is GPL: opened where the host has it, never
// bundled; without it there would be nothing to decompress. Decompressed by our own decoder (lzo1x.h), since the library's takes nearly
// twice as long, and a quarter longer than the kernel's. Prototypes after lzo1x.h 2.10.

#include <cstring>
#include <vector>

#include "arena.h"
#include "codec.h"
#include "lzo1x.h"

namespace {

constexpr int LZO_OK = 0;
// LZO1X_1_MEM_COMPRESS: 16384 pointers.
constexpr size_t WORK_BYTES = 16384 * sizeof(void*);
// The library's documented bound: n + n/16 + 64 + 3. It takes no capacity, so anything less needs a buffer of our own.
constexpr size_t BOUND = PAGE + PAGE / 16 + 64 + 3;

struct Api {
  Library library{"liblzo2.so.2"};
  int (*init)(unsigned version, int, int, int, int, int, int, int, int, int);
  const char* (*versionString)();
  int (*compress)(const unsigned char*, size_t, unsigned char*, size_t*, void*);

  Api() {
    library.bind(init, "__lzo_init_v2");
    library.bind(versionString, "lzo_version_string");
    library.bind(compress, "lzo1x_1_compress");
    // The library compares the caller's sizes of short, int, long, lzo_uint32, lzo_uint, dictionary entry, char*, void* and
    // its callback structure with its own; -1 leaves one out.
    if (init(0x2000, sizeof(short), sizeof(int), sizeof(long), 4, sizeof(size_t), sizeof(void*), sizeof(char*), sizeof(void*),
             -1) != LZO_OK)
      throw LibraryMissing{library.path() + ": its types differ from this machine's"};
  }
};

class Lzo final : public Codec {
 public:
  explicit Lzo(const Api& api) : compress_(api.compress), work_(WORK_BYTES / 8), bound_(BOUND) {}

  size_t compress(const char* page, char* dst, size_t capacity) override {
    const bool direct = capacity >= BOUND;
    unsigned char* out = direct ? reinterpret_cast<unsigned char*>(dst) : bound_.data();
    size_t length = 0;
    if (compress_(reinterpret_cast<const unsigned char*>(page), PAGE, out, &length, work_.data()) != LZO_OK) return 0;
    if (length > capacity) return 0;
    if (!direct) memcpy(dst, out, length);
    return length;
  }
  bool decompress(const char* src, size_t bytes, char* page) override {
    return decodeLzo1xPage(reinterpret_cast<const uint8_t*>(src), bytes, reinterpret_cast<uint8_t*>(page));
  }

 private:
  decltype(Api::compress) compress_;
  std::vector<uint64_t> work_;
  std::vector<unsigned char> bound_;
};

class LzoLibrary final : public CodecLibrary {
 public:
  std::string version() const override { return api_.versionString(); }
  std::string path() const override { return api_.library.path(); }
  LevelRange levels() const override { return {1, 1}; }
  std::unique_ptr<Codec> open(int) const override { return std::make_unique<Lzo>(api_); }

 private:
  Api api_;
};

}  // namespace

const CodecKind LZO{"lzo", "liblzo2-2", [] { return std::unique_ptr<CodecLibrary>(new LzoLibrary); }};
