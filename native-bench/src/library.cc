#include "library.h"

#include <dlfcn.h>
#include <climits>
#include <cstdlib>

namespace {

// Node exports its own zlib and zstd from the executable. Without DEEPBIND the system library's inner calls would land there,
// and two versions would share one state. The address sanitizer cannot live with DEEPBIND, so its build goes without these two.
#if defined(__SANITIZE_ADDRESS__)
constexpr int MODE = RTLD_NOW | RTLD_LOCAL;
constexpr bool ISOLATED = false;
#else
constexpr int MODE = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
constexpr bool ISOLATED = true;
#endif

bool insideNode(const char* soname) {
  const std::string name = soname;
  return name.starts_with("libzstd.") || name.starts_with("libz.");
}

std::string loaderError() {
  const char* error = dlerror();
  return error ? error : "the loader gave no reason";
}

}  // namespace

Library::Library(const char* soname) : handle_(nullptr), path_(soname) {
  if (!ISOLATED && insideNode(soname)) throw LibraryMissing{"this build of the addon cannot keep it apart from Node's own"};
  handle_ = dlopen(soname, MODE);
  if (!handle_) throw LibraryMissing{loaderError()};
}

void* Library::find(const char* symbol) {
  void* address = dlsym(handle_, symbol);
  if (!address) throw LibraryMissing{loaderError()};
  Dl_info info;
  char resolved[PATH_MAX];
  if (dladdr(address, &info) && info.dli_fname && realpath(info.dli_fname, resolved)) path_ = resolved;
  return address;
}
