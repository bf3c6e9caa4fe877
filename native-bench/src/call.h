#pragma once
// One call from JavaScript: its arguments, checked. Every accessor throws BadArgument naming the argument. Nothing allocates
// unless it throws.

#include <node_api.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "failure.h"
#include "state.h"

/// Largest integer a double holds exactly together with all below it.
inline constexpr uint64_t MAX_SAFE = (1ULL << 53) - 1;
/// Pages of the largest offset a file may have.
inline constexpr uint64_t MAX_FILE_PAGE = MAX_SAFE / PAGE;

class Call {
 public:
  static constexpr size_t MAX_ARGUMENTS = 8;

  Call(napi_env environment, napi_callback_info info) : env(environment) {
    size_t count = MAX_ARGUMENTS;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments_, nullptr, &data);
    state_ = static_cast<State*>(data);
  }

  const napi_env env;
  State& state() const { return *state_; }
  napi_value value(size_t index) const { return arguments_[index]; }

  double number(size_t index, const char* name) const {
    double value;
    if (napi_get_value_double(env, arguments_[index], &value) != napi_ok) [[unlikely]] notANumber(name);
    return value;
  }

  /// An integer from low to high, both at most MAX_SAFE.
  uint64_t integer(size_t index, const char* name, uint64_t low, uint64_t high) const {
    const double value = number(index, name);
    // Written so that NaN fails.
    if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high))) [[unlikely]]
      outOfRange(name, value, low, high);
    const auto result = static_cast<uint64_t>(value);
    if (static_cast<double>(result) != value) [[unlikely]] notAnInteger(name, value);
    return result;
  }

  int64_t signedInteger(size_t index, const char* name) const;
  bool boolean(size_t index, const char* name) const;
  std::string text(size_t index, const char* name) const;

  Arena& arena(size_t index, const char* name) const {
    Arena* arena = state_->arenas.find(handle(index, name));
    if (!arena) [[unlikely]] unknownHandle(name, "arena");
    if (arena->detached()) [[unlikely]] detachedArena(name);
    return *arena;
  }
  std::shared_ptr<Arena> sharedArena(size_t index, const char* name) const {
    arena(index, name);
    return state_->arenas.share(handle(index, name));
  }
  Codec& codec(size_t index, const char* name) const {
    Codec* codec = state_->codecs.find(handle(index, name));
    if (!codec) [[unlikely]] unknownHandle(name, "codec");
    return *codec;
  }
  File& file(size_t index, const char* name) const {
    File* file = state_->files.find(handle(index, name));
    if (!file) [[unlikely]] unknownHandle(name, "file");
    return *file;
  }
  Ring& ring(size_t index, const char* name) const {
    Ring* ring = state_->rings.find(handle(index, name));
    if (!ring) [[unlikely]] unknownHandle(name, "ring");
    return *ring;
  }

  Memory& memory(size_t index, const char* name) const {
    Memory* memory = state_->memories.find(handle(index, name));
    if (!memory) [[unlikely]] unknownHandle(name, "memory");
    return *memory;
  }

  Live& live(size_t index, const char* name) const {
    Live* live = state_->lives.find(handle(index, name));
    if (!live) [[unlikely]] unknownHandle(name, "live memory");
    return *live;
  }

  /// The first byte of `count` pages of the arena, from the page number in argument `index`.
  char* pages(const Arena& arena, size_t index, const char* name, size_t count) const {
    if (count > arena.pages) [[unlikely]] throwRange(std::string(name) + ": more pages than the arena has");
    return arena.base + integer(index, name, 0, arena.pages - count) * PAGE;
  }

  /// The elements of a typed array; another thread may share them.
  template <class T>
  T* typedArray(size_t index, const char* name, napi_typedarray_type wanted, const char* shape, size_t& length) const {
    napi_typedarray_type type;
    void* data = nullptr;
    if (napi_get_typedarray_info(env, arguments_[index], &type, &length, &data, nullptr, nullptr) != napi_ok || type != wanted)
      throwType(std::string(name) + " must be an instance of " + shape);
    return static_cast<T*>(data);
  }

  uint64_t handle(size_t index, const char* name) const { return integer(index, name, 0, UINT32_MAX); }

  // Results. Small integers and booleans cost no heap.
  napi_value result(double value) const;
  napi_value result(uint32_t value) const;
  napi_value result(bool value) const;
  napi_value result(const std::string& value) const;
  napi_value null() const;
  /// An object with these fields, in this order.
  napi_value object(std::initializer_list<std::pair<const char*, napi_value>> fields) const;

  [[noreturn]] static void unknownHandle(const char* name, const char* kind);

 private:
  [[noreturn]] static void notANumber(const char* name);
  [[noreturn]] static void notAnInteger(const char* name, double value);
  [[noreturn]] static void outOfRange(const char* name, double value, uint64_t low, uint64_t high);
  [[noreturn]] static void detachedArena(const char* name);

  napi_value arguments_[MAX_ARGUMENTS];
  State* state_ = nullptr;
};

using Function = napi_value (*)(const Call&);

/// One function of the addon, as each file lists its own.
struct Entry {
  const char* name;
  napi_callback callback;
};

/// The Node-API callback around a function: no C++ exception leaves it.
template <Function function>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return function(Call(env, info));
  } catch (...) {
    raiseCurrent(env);
    return nullptr;
  }
}
