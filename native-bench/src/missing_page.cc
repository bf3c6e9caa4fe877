#include "missing_page.h"

#include <cerrno>
#include <csignal>
#include <mutex>

#include "failure.h"

namespace {

// initial-exec: no allocation at the first look, which may be the handler's, on a thread that never touches anything.
[[gnu::tls_model("initial-exec")]] thread_local Touch* current = nullptr;

std::mutex installing;
int guards = 0;
struct sigaction previous;

/// Async-signal-safe: reads memory that its own thread wrote, jumps, or hands the signal on.
void onSigbus(int signal, siginfo_t* info, void* context) {
  Touch* touch = current;
  if (touch && touch->armed) {
    const auto* at = static_cast<const char*>(info->si_addr);
    const bool sent = info->si_code <= 0;  // by tgkill: there is no address
    if (sent ? touch->stop.load(std::memory_order_relaxed) : at >= touch->begin && at < touch->end) {
      touch->armed = false;
      siglongjmp(touch->out, 1);
    }
  }
  // A thread that was called out just as it left by itself.
  if (touch && info->si_code <= 0 && touch->stop.load(std::memory_order_relaxed)) return;
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // The instruction that failed is carried out again, and ends the process as it would have.
    struct sigaction fallback = {};
    fallback.sa_handler = SIG_DFL;
    sigaction(SIGBUS, &fallback, nullptr);
    if (info->si_code <= 0) raise(SIGBUS);
  }
}

}  // namespace

void setTouch(Touch* touch) { current = touch; }

SigbusGuard::SigbusGuard() {
  const std::lock_guard lock(installing);
  if (guards == 0) {
    struct sigaction action = {};
    action.sa_sigaction = onSigbus;
    // SA_NODEFER: the handler does not return when it jumps, and must not leave SIGBUS blocked behind it.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    // The old one first: the new one may be needed at once.
    if (sigaction(SIGBUS, nullptr, &previous) < 0 || sigaction(SIGBUS, &action, nullptr) < 0) throwSystem(errno, "sigaction", "");
  }
  ++guards;
}

SigbusGuard::~SigbusGuard() {
  const std::lock_guard lock(installing);
  if (--guards > 0) return;
  struct sigaction now = {};
  sigaction(SIGBUS, nullptr, &now);
  // Somebody who has installed a handler since then chains to ours, which hands on what is not for a touch: it stays.
  if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == onSigbus) sigaction(SIGBUS, &previous, nullptr);
}
