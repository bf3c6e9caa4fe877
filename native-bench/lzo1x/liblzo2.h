#pragma once
// liblzo2's compressor and safe decoder, beside which the decoder here is checked and timed. Prototypes after lzo1x.h 2.10.

#include <cstdint>
#include <vector>

#include "../src/arena.h"
#include "../src/library.h"

class Liblzo2 {
 public:
  /// Throws LibraryMissing.
  Liblzo2() : library_("liblzo2.so.2"), work_(16384) {
    library_.bind(version_, "lzo_version_string");
    library_.bind(compress_, "lzo1x_1_compress");
    library_.bind(decompress_, "lzo1x_decompress_safe");
  }

  const char* version() const { return version_(); }

  std::vector<uint8_t> compress(const uint8_t* page) {
    std::vector<uint8_t> stream(2 * PAGE);
    size_t length = stream.size();
    if (compress_(page, PAGE, stream.data(), &length, work_.data()) != 0) length = 0;
    stream.resize(length);
    stream.shrink_to_fit();
    return stream;
  }

  bool decompress(const uint8_t* src, size_t bytes, uint8_t* page) const {
    size_t length = PAGE;
    return decompress_(src, bytes, page, &length, nullptr) == 0 && length == PAGE;
  }

 private:
  Library library_;
  const char* (*version_)();
  int (*compress_)(const unsigned char*, size_t, unsigned char*, size_t*, void*);
  int (*decompress_)(const unsigned char*, size_t, unsigned char*, size_t*, void*);
  std::vector<void*> work_;
};
