#pragma once
// What native code throws, and how it becomes a JavaScript error. Nothing here crosses the addon's boundary as a C++ exception.

#include <node_api.h>

#include <string>

/// A bad argument: TypeError where the type is wrong, RangeError where the value is.
struct BadArgument {
  enum class Kind { type, range } kind;
  std::string message;
};

/// A failed system call. `number` is the positive errno.
struct SystemFailure {
  int number;
  const char* syscall;
  std::string path;
  std::string detail;  // what was asked for, where errno alone does not say; may be empty
};

/// Any other failure with a stable code, such as CORRUPT.
struct CodedFailure {
  const char* code;
  std::string message;
};

/// JavaScript has thrown already (a getter or a proxy of an argument): leave its exception pending.
struct PendingException {};

[[noreturn]] void throwType(std::string message);
[[noreturn]] void throwRange(std::string message);
[[noreturn]] void throwSystem(int number, const char* syscall, std::string path, std::string detail = {});

/// Makes the C++ exception being handled the pending JavaScript exception. Call only inside a catch block.
void raiseCurrent(napi_env env) noexcept;

/// 'ENOSPC' for ENOSPC; 'E999' for a number libc has no name for.
std::string errnoName(int number);

/// What errno says, in libc's words.
std::string errnoText(int number);
