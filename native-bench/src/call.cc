#include "call.h"

#include <cstring>

namespace {

std::string show(double value) {
  if (value != value) return "NaN";
  char digits[32];
  snprintf(digits, sizeof digits, "%.17g", value);
  return digits;
}

}  // namespace

void Call::notANumber(const char* name) { throwType(std::string(name) + " must be a number"); }
void Call::notAnInteger(const char* name, double value) {
  throwRange(std::string(name) + " must be an integer, not " + show(value));
}
void Call::outOfRange(const char* name, double value, uint64_t low, uint64_t high) {
  throwRange(std::string(name) + " must be from " + std::to_string(low) + " to " + std::to_string(high) + ", not " +
             show(value));
}
void Call::unknownHandle(const char* name, const char* kind) {
  throwRange(std::string(name) + " is not an open " + kind);
}
void Call::detachedArena(const char* name) {
  throwType(std::string(name) + ": the arena's buffer has been transferred away");
}

int64_t Call::signedInteger(size_t index, const char* name) const {
  const double value = number(index, name);
  const auto limit = static_cast<double>(MAX_SAFE);
  if (!(value >= -limit && value <= limit)) throwRange(std::string(name) + " must be a safe integer, not " + show(value));
  const auto result = static_cast<int64_t>(value);
  if (static_cast<double>(result) != value) notAnInteger(name, value);
  return result;
}

bool Call::boolean(size_t index, const char* name) const {
  bool value;
  if (napi_get_value_bool(env, arguments_[index], &value) != napi_ok) throwType(std::string(name) + " must be a boolean");
  return value;
}

std::string Call::text(size_t index, const char* name) const {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, arguments_[index], nullptr, 0, &length) != napi_ok)
    throwType(std::string(name) + " must be a string");
  std::string value(length, '\0');
  napi_get_value_string_utf8(env, arguments_[index], value.data(), length + 1, &length);
  if (memchr(value.data(), 0, value.size())) throwRange(std::string(name) + " must not contain a zero byte");
  return value;
}

napi_value Call::result(double value) const {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}
napi_value Call::result(uint32_t value) const {
  napi_value result = nullptr;
  napi_create_uint32(env, value, &result);
  return result;
}
napi_value Call::result(bool value) const {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}
napi_value Call::result(const std::string& value) const {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}
napi_value Call::null() const {
  napi_value result = nullptr;
  napi_get_null(env, &result);
  return result;
}
napi_value Call::object(std::initializer_list<std::pair<const char*, napi_value>> fields) const {
  napi_value result = nullptr;
  napi_create_object(env, &result);
  for (const auto& [name, value] : fields) napi_set_named_property(env, result, name, value);
  return result;
}
