#pragma once
// A flat table of handles. A handle is index + generation * LIMIT, so that a released one is never mistaken for its successor,
// and stays below 2^30, which V8 keeps unboxed also with pointer compression (Electron).

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "failure.h"

template <class T>
class HandleTable {
 public:
  static constexpr uint32_t LIMIT = 1U << 12;
  static constexpr uint32_t GENERATIONS = 1U << 18;

  uint32_t add(std::shared_ptr<T> object) {
    uint32_t index;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      if (slots_.size() == LIMIT) throwRange("too many handles are open: " + std::to_string(LIMIT));
      index = static_cast<uint32_t>(slots_.size());
      slots_.push_back({});
    }
    Slot& slot = slots_[index];
    slot.object = std::move(object);
    return index + slot.generation * LIMIT;
  }

  T* find(uint64_t handle) const {
    const Slot* slot = at(handle);
    return slot ? slot->object.get() : nullptr;
  }

  std::shared_ptr<T> share(uint64_t handle) const {
    const Slot* slot = at(handle);
    return slot ? slot->object : nullptr;
  }

  /// The object leaves the table; whoever shares it keeps it alive.
  std::shared_ptr<T> remove(uint64_t handle) {
    const Slot* found = at(handle);
    if (!found) return nullptr;
    const auto index = static_cast<uint32_t>(handle % LIMIT);
    Slot& slot = slots_[index];
    // A slot that has used up its generations is retired.
    if (++slot.generation < GENERATIONS) free_.push_back(index);
    return std::exchange(slot.object, nullptr);
  }

  template <class F>
  void each(F visit) const {
    for (const Slot& slot : slots_)
      if (slot.object) visit(*slot.object);
  }

  void clear() {
    slots_.clear();
    free_.clear();
  }

 private:
  struct Slot {
    std::shared_ptr<T> object;
    uint32_t generation = 0;
  };

  const Slot* at(uint64_t handle) const {
    const uint64_t index = handle % LIMIT;
    if (index >= slots_.size()) return nullptr;
    const Slot& slot = slots_[index];
    return slot.object && slot.generation == handle / LIMIT ? &slot : nullptr;
  }

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};
