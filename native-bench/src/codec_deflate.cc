// Raw deflate by libdeflate.so.0 where it is there (two to three times faster), else by libz.so.1. Prototypes after
// libdeflate.h 1.14 and zlib.h 1.2.11.

#include <cstring>

#include "arena.h"
#include "codec.h"

namespace {

class FastLibrary final : public CodecLibrary {
 public:
  FastLibrary() {
    library_.bind(api_.allocCompressor, "libdeflate_alloc_compressor");
    library_.bind(api_.freeCompressor, "libdeflate_free_compressor");
    library_.bind(api_.compress, "libdeflate_deflate_compress");
    library_.bind(api_.allocDecompressor, "libdeflate_alloc_decompressor");
    library_.bind(api_.freeDecompressor, "libdeflate_free_decompressor");
    library_.bind(api_.decompress, "libdeflate_deflate_decompress_ex");
  }
  // libdeflate tells its version to the C preprocessor only.
  std::string version() const override { return ""; }
  std::string path() const override { return library_.path(); }
  LevelRange levels() const override { return {1, 12}; }
  std::unique_ptr<Codec> open(int level) const override {
    auto codec = std::make_unique<Fast>(api_, level);
    if (!codec->ready()) return nullptr;
    return codec;
  }

 private:
  struct Opaque;
  struct Api {
    Opaque* (*allocCompressor)(int level);
    void (*freeCompressor)(Opaque*);
    size_t (*compress)(Opaque*, const void* in, size_t inBytes, void* out, size_t outBytes);
    Opaque* (*allocDecompressor)();
    void (*freeDecompressor)(Opaque*);
    int (*decompress)(Opaque*, const void* in, size_t inBytes, void* out, size_t outBytes, size_t* inUsed, size_t* outUsed);
  };

  class Fast final : public Codec {
   public:
    Fast(const Api& api, int level)
        : api_(api),
          compressor_(api.allocCompressor(level), api.freeCompressor),
          decompressor_(api.allocDecompressor(), api.freeDecompressor) {}
    bool ready() const { return compressor_ && decompressor_; }

    size_t compress(const char* page, char* dst, size_t capacity) override {
      return api_.compress(compressor_.get(), page, PAGE, dst, capacity);
    }
    bool decompress(const char* src, size_t bytes, char* page) override {
      size_t used = 0;
      // With no place for the length of the output, the library itself insists on exactly a page.
      return api_.decompress(decompressor_.get(), src, bytes, page, PAGE, &used, nullptr) == 0 && used == bytes;
    }

   private:
    const Api& api_;
    std::unique_ptr<Opaque, decltype(Api::freeCompressor)> compressor_;
    std::unique_ptr<Opaque, decltype(Api::freeDecompressor)> decompressor_;
  };

  Library library_{"libdeflate.so.0"};
  Api api_;
};

class ZlibLibrary final : public CodecLibrary {
 public:
  ZlibLibrary() {
    library_.bind(api_.version, "zlibVersion");
    library_.bind(api_.deflateInit2, "deflateInit2_");
    library_.bind(api_.deflate, "deflate");
    library_.bind(api_.deflateReset, "deflateReset");
    library_.bind(api_.deflateEnd, "deflateEnd");
    library_.bind(api_.inflateInit2, "inflateInit2_");
    library_.bind(api_.inflate, "inflate");
    library_.bind(api_.inflateReset, "inflateReset");
    library_.bind(api_.inflateEnd, "inflateEnd");
  }
  std::string version() const override { return api_.version(); }
  std::string path() const override { return library_.path(); }
  LevelRange levels() const override { return {1, 9}; }
  std::unique_ptr<Codec> open(int level) const override {
    auto codec = std::make_unique<Zlib>(api_);
    if (!codec->prepare(level)) return nullptr;
    return codec;
  }

 private:
  struct Stream {
    const unsigned char* nextIn;
    unsigned availIn;
    unsigned long totalIn;
    unsigned char* nextOut;
    unsigned availOut;
    unsigned long totalOut;
    const char* message;
    void* state;
    void* (*alloc)(void*, unsigned, unsigned);
    void (*free)(void*, void*);
    void* opaque;
    int dataType;
    unsigned long adler;
    unsigned long reserved;
  };
  struct Api {
    const char* (*version)();
    int (*deflateInit2)(Stream*, int level, int method, int windowBits, int memLevel, int strategy, const char*, int);
    int (*deflate)(Stream*, int flush);
    int (*deflateReset)(Stream*);
    int (*deflateEnd)(Stream*);
    int (*inflateInit2)(Stream*, int windowBits, const char* version, int streamBytes);
    int (*inflate)(Stream*, int flush);
    int (*inflateReset)(Stream*);
    int (*inflateEnd)(Stream*);
  };

  static constexpr int DEFLATED = 8;
  static constexpr int FINISH = 4;
  static constexpr int STREAM_END = 1;
  static constexpr int WINDOW_BITS = -12;  // 4096 bytes, a page; negative: no zlib header and no checksum
  static constexpr int MEMORY_LEVEL = 8;   // zlib's default

  class Zlib final : public Codec {
   public:
    explicit Zlib(const Api& api) : api_(api) {}
    ~Zlib() override {
      if (deflating_) api_.deflateEnd(&out_);
      if (inflating_) api_.inflateEnd(&in_);
    }
    bool prepare(int level) {
      deflating_ = api_.deflateInit2(&out_, level, DEFLATED, WINDOW_BITS, MEMORY_LEVEL, 0, api_.version(), sizeof out_) == 0;
      inflating_ = api_.inflateInit2(&in_, WINDOW_BITS, api_.version(), sizeof in_) == 0;
      return deflating_ && inflating_;
    }

    size_t compress(const char* page, char* dst, size_t capacity) override {
      api_.deflateReset(&out_);
      set(out_, page, PAGE, dst, capacity);
      return api_.deflate(&out_, FINISH) == STREAM_END ? out_.totalOut : 0;
    }
    bool decompress(const char* src, size_t bytes, char* page) override {
      api_.inflateReset(&in_);
      set(in_, src, bytes, page, PAGE);
      return api_.inflate(&in_, FINISH) == STREAM_END && in_.totalOut == PAGE && in_.availIn == 0;
    }

   private:
    static void set(Stream& stream, const char* src, size_t srcBytes, char* dst, size_t dstBytes) {
      stream.nextIn = reinterpret_cast<const unsigned char*>(src);
      stream.availIn = static_cast<unsigned>(srcBytes);
      stream.nextOut = reinterpret_cast<unsigned char*>(dst);
      stream.availOut = static_cast<unsigned>(dstBytes);
    }

    const Api& api_;
    Stream out_{};
    Stream in_{};
    bool deflating_ = false;
    bool inflating_ = false;
  };

  Library library_{"libz.so.1"};
  Api api_;
};

std::unique_ptr<CodecLibrary> load() {
  try {
    return std::make_unique<FastLibrary>();
  } catch (const LibraryMissing&) {
    return std::make_unique<ZlibLibrary>();
  }
}

}  // namespace

const CodecKind DEFLATE{"deflate", "zlib1g", load};
