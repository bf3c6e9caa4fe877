// lz4 and lz4hc by liblz4.so.1. Prototypes after lz4.h and lz4hc.h 1.9 (stable since 1.7).

#include <vector>

#include "arena.h"
#include "codec.h"

namespace {

struct Api {
  Library library{"liblz4.so.1"};
  const char* (*versionString)();
  int (*sizeofState)();
  int (*compressFast)(void* state, const char* src, char* dst, int srcSize, int dstCapacity, int acceleration);
  int (*sizeofStateHc)();
  int (*compressHc)(void* state, const char* src, char* dst, int srcSize, int dstCapacity, int level);
  int (*decompressSafe)(const char* src, char* dst, int compressedSize, int dstCapacity);

  Api() {
    library.bind(versionString, "LZ4_versionString");
    library.bind(sizeofState, "LZ4_sizeofState");
    library.bind(compressFast, "LZ4_compress_fast_extState");
    library.bind(sizeofStateHc, "LZ4_sizeofStateHC");
    library.bind(compressHc, "LZ4_compress_HC_extStateHC");
    library.bind(decompressSafe, "LZ4_decompress_safe");
  }
};

using Compress = int (*)(void*, const char*, char*, int, int, int);

class Lz4 final : public Codec {
 public:
  Lz4(const Api& api, Compress compress, int stateBytes, int level)
      : compress_(compress), decompress_(api.decompressSafe), level_(level), state_((stateBytes + 7) / 8) {}

  size_t compress(const char* page, char* dst, size_t capacity) override {
    const int length = compress_(state_.data(), page, dst, PAGE, static_cast<int>(capacity), level_);
    return length > 0 ? static_cast<size_t>(length) : 0;
  }
  bool decompress(const char* src, size_t bytes, char* page) override {
    return decompress_(src, page, static_cast<int>(bytes), PAGE) == PAGE;
  }

 private:
  Compress compress_;
  decltype(Api::decompressSafe) decompress_;
  int level_;
  std::vector<uint64_t> state_;  // the library asks for 8-byte alignment
};

class Lz4Library final : public CodecLibrary {
 public:
  explicit Lz4Library(bool high) : high_(high) {}
  std::string version() const override { return api_.versionString(); }
  std::string path() const override { return api_.library.path(); }
  // LZ4_ACCELERATION_MAX is 65537 (lz4.c); LZ4HC_CLEVEL_MAX is 12.
  LevelRange levels() const override { return high_ ? LevelRange{1, 12} : LevelRange{1, 65537}; }
  std::unique_ptr<Codec> open(int level) const override {
    if (high_) return std::make_unique<Lz4>(api_, api_.compressHc, api_.sizeofStateHc(), level);
    return std::make_unique<Lz4>(api_, api_.compressFast, api_.sizeofState(), level);
  }

 private:
  Api api_;
  bool high_;
};

}  // namespace

const CodecKind LZ4{"lz4", "liblz4-1", [] { return std::unique_ptr<CodecLibrary>(new Lz4Library(false)); }};
const CodecKind LZ4HC{"lz4hc", "liblz4-1", [] { return std::unique_ptr<CodecLibrary>(new Lz4Library(true)); }};
