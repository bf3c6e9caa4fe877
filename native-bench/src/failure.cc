#include "failure.h"

#include <cstring>
#include <new>
#include <utility>

void throwType(std::string message) { throw BadArgument{BadArgument::Kind::type, std::move(message)}; }
void throwRange(std::string message) { throw BadArgument{BadArgument::Kind::range, std::move(message)}; }
void throwSystem(int number, const char* syscall, std::string path, std::string detail) {
  throw SystemFailure{number, syscall, std::move(path), std::move(detail)};
}

std::string errnoName(int number) {
  const char* name = strerrorname_np(number);
  return name ? name : "E" + std::to_string(number);
}

std::string errnoText(int number) {
  const char* text = strerrordesc_np(number);
  return text ? text : "unknown error";
}

namespace {

napi_value text(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

/// The form of Node's own errors: "ENOENT: No such file or directory, open '/x'", errno negative.
void raiseSystem(napi_env env, const SystemFailure& failure) {
  const std::string code = errnoName(failure.number);
  std::string message = code + ": " + errnoText(failure.number) + ", " + failure.syscall;
  if (!failure.path.empty()) message += " '" + failure.path + "'";
  if (!failure.detail.empty()) message += " (" + failure.detail + ")";
  napi_value error = nullptr;
  napi_value number = nullptr;
  if (napi_create_error(env, text(env, code), text(env, message), &error) != napi_ok) return;
  napi_create_int32(env, -failure.number, &number);
  napi_set_named_property(env, error, "errno", number);
  napi_set_named_property(env, error, "syscall", text(env, failure.syscall));
  napi_set_named_property(env, error, "path", text(env, failure.path));
  napi_throw(env, error);
}

}  // namespace

void raiseCurrent(napi_env env) noexcept {
  try {
    throw;
  } catch (const BadArgument& bad) {
    if (bad.kind == BadArgument::Kind::type) {
      napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", bad.message.c_str());
    } else {
      napi_throw_range_error(env, "ERR_OUT_OF_RANGE", bad.message.c_str());
    }
  } catch (const SystemFailure& failure) {
    raiseSystem(env, failure);
  } catch (const CodedFailure& failure) {
    napi_throw_error(env, failure.code, failure.message.c_str());
  } catch (const PendingException&) {
    return;
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "ENOMEM", "out of memory in the native addon");
  } catch (...) {
    napi_throw_error(env, "INTERNAL", "unexpected failure in the native addon");
  }
}
