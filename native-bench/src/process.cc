// The calling process: where it runs; and the swap areas it may switch on and off where it is privileged.

#include <sched.h>
#include <sys/swap.h>
#include <unistd.h>

#include <cerrno>

#include "entries.h"

namespace {

napi_value pinCpu(const Call& call) {
  const size_t cpu = call.integer(0, "cpu", 0, CPU_SETSIZE - 1);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) < 0)
    throwSystem(errno, "sched_setaffinity", "", "CPU " + std::to_string(cpu) + " is absent or not allowed");
  if (sched_getaffinity(0, sizeof set, &set) < 0) throwSystem(errno, "sched_getaffinity", "");
  napi_value list = nullptr;
  napi_create_array(call.env, &list);
  uint32_t count = 0;
  for (uint32_t index = 0; index < CPU_SETSIZE; ++index)
    if (CPU_ISSET(index, &set)) napi_set_element(call.env, list, count++, call.result(index));
  return list;
}

napi_value swapOn(const Call& call) {
  const std::string path = call.text(0, "path");
  const auto priority = static_cast<int>(call.integer(1, "priority", 0, SWAP_FLAG_PRIO_MASK));
  if (swapon(path.c_str(), SWAP_FLAG_PREFER | priority) < 0) throwSystem(errno, "swapon", path);
  return nullptr;
}

napi_value swapOff(const Call& call) {
  const std::string path = call.text(0, "path");
  if (swapoff(path.c_str()) < 0) throwSystem(errno, "swapoff", path);
  return nullptr;
}

constexpr Entry ENTRIES[] = {{"pinCpu", guarded<pinCpu>}, {"swapOn", guarded<swapOn>}, {"swapOff", guarded<swapOff>}};

}  // namespace

std::span<const Entry> processEntries() { return ENTRIES; }
