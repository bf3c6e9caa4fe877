// zstd by libzstd.so.1. Prototypes and parameter numbers after zstd.h 1.4 (stable API).

#include <algorithm>

#include "arena.h"
#include "codec.h"

namespace {

struct Context;  // the library's own, opaque

constexpr int COMPRESSION_LEVEL = 100;
constexpr int CONTENT_SIZE_FLAG = 200;
constexpr int CHECKSUM_FLAG = 201;
// The library allows levels down to -131072; below this one nothing is left to compress a page with.
constexpr int LOWEST_LEVEL = -131072;

struct Api {
  Library library{"libzstd.so.1"};
  const char* (*versionString)();
  unsigned (*isError)(size_t);
  int (*minLevel)();
  int (*maxLevel)();
  Context* (*createCCtx)();
  size_t (*freeCCtx)(Context*);
  size_t (*setParameter)(Context*, int parameter, int value);
  size_t (*compress2)(Context*, void* dst, size_t dstCapacity, const void* src, size_t srcSize);
  Context* (*createDCtx)();
  size_t (*freeDCtx)(Context*);
  size_t (*decompressDCtx)(Context*, void* dst, size_t dstCapacity, const void* src, size_t srcSize);

  Api() {
    library.bind(versionString, "ZSTD_versionString");
    library.bind(isError, "ZSTD_isError");
    library.bind(minLevel, "ZSTD_minCLevel");
    library.bind(maxLevel, "ZSTD_maxCLevel");
    library.bind(createCCtx, "ZSTD_createCCtx");
    library.bind(freeCCtx, "ZSTD_freeCCtx");
    library.bind(setParameter, "ZSTD_CCtx_setParameter");
    library.bind(compress2, "ZSTD_compress2");
    library.bind(createDCtx, "ZSTD_createDCtx");
    library.bind(freeDCtx, "ZSTD_freeDCtx");
    library.bind(decompressDCtx, "ZSTD_decompressDCtx");
  }
};

class Zstd final : public Codec {
 public:
  explicit Zstd(const Api& api)
      : api_(api), compressor_(api.createCCtx(), api.freeCCtx), decompressor_(api.createDCtx(), api.freeDCtx) {}

  /// The frame says neither its size nor a checksum: a swap slot knows both, and each byte counts in a zpage.
  bool prepare(int level) {
    return compressor_ && decompressor_ && set(COMPRESSION_LEVEL, level) && set(CONTENT_SIZE_FLAG, 0) && set(CHECKSUM_FLAG, 0);
  }

  size_t compress(const char* page, char* dst, size_t capacity) override {
    const size_t length = api_.compress2(compressor_.get(), dst, capacity, page, PAGE);
    return api_.isError(length) ? 0 : length;
  }
  bool decompress(const char* src, size_t bytes, char* page) override {
    return api_.decompressDCtx(decompressor_.get(), page, PAGE, src, bytes) == PAGE;
  }

 private:
  bool set(int parameter, int value) { return !api_.isError(api_.setParameter(compressor_.get(), parameter, value)); }

  const Api& api_;  // the libraries of codec_table.cc outlive every codec
  std::unique_ptr<Context, decltype(Api::freeCCtx)> compressor_;
  std::unique_ptr<Context, decltype(Api::freeDCtx)> decompressor_;
};

class ZstdLibrary final : public CodecLibrary {
 public:
  std::string version() const override { return api_.versionString(); }
  std::string path() const override { return api_.library.path(); }
  LevelRange levels() const override { return {std::max(LOWEST_LEVEL, api_.minLevel()), api_.maxLevel()}; }
  std::unique_ptr<Codec> open(int level) const override {
    auto codec = std::make_unique<Zstd>(api_);
    if (!codec->prepare(level)) return nullptr;
    return codec;
  }

 private:
  Api api_;
};

}  // namespace

const CodecKind ZSTD{"zstd", "libzstd1", [] { return std::unique_ptr<CodecLibrary>(new ZstdLibrary); }};
