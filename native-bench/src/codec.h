#pragma once
// A codec compresses exactly one page. One file each (codec_lz4.cc, …), one table (codec_table.cc): to add a codec, write its
// file, with a CodecLibrary in it, and name that in the table.

#include <cstddef>
#include <memory>
#include <string>

#include "library.h"

/// One open codec with its own working memory.
class Codec {
 public:
  virtual ~Codec() = default;
  /// Returns the compressed length, 0 where it does not fit `capacity`. Never writes beyond `capacity`.
  virtual size_t compress(const char* page, char* dst, size_t capacity) = 0;
  /// True where `bytes` at `src` gave exactly one page. Never writes beyond the page.
  virtual bool decompress(const char* src, size_t bytes, char* page) = 0;
};

struct LevelRange {
  int low;
  int high;
};

/// A codec's library as found on this host.
class CodecLibrary {
 public:
  virtual ~CodecLibrary() = default;
  /// By the library's own version function; empty where it has none.
  virtual std::string version() const = 0;
  virtual LevelRange levels() const = 0;
  /// `level` is inside levels(). Null where the library refuses or memory is short.
  virtual std::unique_ptr<Codec> open(int level) const = 0;
  /// The file that was opened, as the loader resolved it.
  virtual std::string path() const = 0;
};

/// By its name in the table. Throws CodedFailure where the host has no such codec, BadArgument for a level it does not have.
std::unique_ptr<Codec> openCodec(const std::string& name, int64_t level);

/// What the addon knows of a codec before it looks for the library.
struct CodecKind {
  const char* name;
  const char* package;  // Debian's
  /// Throws LibraryMissing.
  std::unique_ptr<CodecLibrary> (*load)();
};

extern const CodecKind LZ4;
extern const CodecKind LZ4HC;
extern const CodecKind LZO;
extern const CodecKind ZSTD;
extern const CodecKind DEFLATE;
