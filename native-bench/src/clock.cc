#include "clock.h"

#include <algorithm>
#include <vector>

#include "entries.h"

namespace {

napi_value now(const Call& call) { return call.result(static_cast<double>(monotonicNs())); }

napi_value clockReadNs(const Call& call) {
  const size_t samples = call.integer(0, "samples", 1, 1000000);
  std::vector<uint64_t> costs(samples);
  for (uint64_t& cost : costs) {
    const uint64_t before = monotonicNs();
    cost = monotonicNs() - before;
  }
  const auto middle = costs.begin() + static_cast<ptrdiff_t>(samples / 2);
  std::nth_element(costs.begin(), middle, costs.end());
  return call.result(static_cast<double>(*middle));
}

constexpr Entry ENTRIES[] = {{"now", guarded<now>}, {"clockReadNs", guarded<clockReadNs>}};

}  // namespace

std::span<const Entry> clockEntries() { return ENTRIES; }
