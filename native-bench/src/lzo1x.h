#pragma once
// Decoding of LZO1X streams that hold one page. Written from the description of the stream in Linux's
// Documentation/staging/lzo.rst, version 0 of it: what liblzo2 writes. lzo-rle is a stream of its own.

#include <cstddef>
#include <cstdint>

/// True where the `bytes` at `src` are one LZO1X stream, its end marker included, that gives exactly PAGE bytes. Whatever they are,
/// no byte outside of them is read and none outside of the page written; false leaves the page undefined. The two lie apart.
bool decodeLzo1xPage(const uint8_t* src, size_t bytes, uint8_t* page);
