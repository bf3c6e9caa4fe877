#pragma once
// A shared library of the system, opened at run time and kept open to the process's end.

#include <string>

struct LibraryMissing {
  std::string reason;
};

class Library {
 public:
  /// Throws LibraryMissing with the loader's words.
  explicit Library(const char* soname);

  /// Throws LibraryMissing where the library has no such function.
  template <class F>
  void bind(F*& function, const char* symbol) {
    function = reinterpret_cast<F*>(find(symbol));
  }

  const std::string& path() const { return path_; }

 private:
  void* find(const char* symbol);
  void* handle_;
  std::string path_;
};
