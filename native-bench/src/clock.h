#pragma once

#include <cstdint>
#include <ctime>

/// CLOCK_MONOTONIC, ns. Through the vDSO: no system call where the clock source allows.
inline uint64_t monotonicNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000ULL + static_cast<uint64_t>(time.tv_nsec);
}
