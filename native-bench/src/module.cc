#include <memory>

#include "entries.h"

namespace {

void release(void* data) { delete static_cast<State*>(data); }

}  // namespace

NAPI_MODULE_INIT() {
  auto state = std::make_unique<State>();
  // A clean-up hook and not instance data: it runs while references can still be deleted.
  if (napi_add_env_cleanup_hook(env, release, state.get()) != napi_ok) return nullptr;
  State* const kept = state.release();
  for (const auto entries : {clockEntries(), arenaEntries(), codecEntries(), decompressorEntries(), pageEntries(), fileEntries(),
                             socketEntries(), uringEntries(), captureEntries(), processEntries(), memoryEntries(), liveEntries()}) {
    for (const Entry& entry : entries) {
      napi_value function = nullptr;
      // The state travels as the function's data: it arrives with the arguments and costs no look-up.
      if (napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.callback, kept, &function) != napi_ok ||
          napi_set_named_property(env, exports, entry.name, function) != napi_ok)
        return nullptr;
    }
  }
  return exports;
}
