#pragma once
// A touch of a missing page under UFFD_FEATURE_SIGBUS is a signal on the touching thread. It is caught here: the thread leaves the touch
// and goes on where it said. The same way a thread that waits in a fault for ever is called out of it.

#include <atomic>
#include <csetjmp>
#include <cstddef>

/// What a thread touches, while it does. Only its own thread changes it, but for `stop`.
struct Touch {
  /// Where to go on; valid while `armed`. The signal mask is not saved: the handler blocks nothing.
  sigjmp_buf out;
  volatile bool armed = false;
  const char* begin = nullptr;
  const char* end = nullptr;
  /// Set from another thread, which then sends SIGBUS: leave, whatever the reason of the signal.
  std::atomic<bool> stop = false;
};

/// The touch of this thread; null on a thread that touches nothing.
void setTouch(Touch* touch);

/// The handler of SIGBUS, installed for the process while at least one of these lives. A signal that is not for a touch goes to the handler
/// that was there before.
class SigbusGuard {
 public:
  /// Throws SystemFailure.
  SigbusGuard();
  ~SigbusGuard();
  SigbusGuard(const SigbusGuard&) = delete;
  SigbusGuard& operator=(const SigbusGuard&) = delete;
};
