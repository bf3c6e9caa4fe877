#pragma once
// Page-aligned memory made by JavaScript. The addon never creates an ArrayBuffer (Electron forbids external ones).

#include <node_api.h>

#include <cstddef>
#include <cstdint>

inline constexpr size_t PAGE = 4096;

class Arena {
 public:
  Arena(napi_env env, napi_ref buffer, char* base, size_t pages) : base(base), pages(pages), env_(env), buffer_(buffer) {}
  ~Arena() { napi_delete_reference(env_, buffer_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  char* const base;
  const size_t pages;

  size_t bytes() const { return pages * PAGE; }
  bool contains(const void* begin, size_t length) const {
    const auto* first = static_cast<const char*>(begin);
    return first < base + bytes() && first + length > base;
  }

  /// True once JavaScript has transferred the buffer away: `base` is dangling then.
  bool detached() const {
    napi_value value = nullptr;
    bool gone = true;
    napi_get_reference_value(env_, buffer_, &value);
    if (value) napi_is_detached_arraybuffer(env_, value, &gone);
    return gone;
  }

 private:
  napi_env env_;
  napi_ref buffer_;
};
