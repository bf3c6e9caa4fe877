#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

/// An open file. A ring that drives it shares it, so that the descriptor outlives fileClose until the ring closes.
class File {
 public:
  File(int fd, std::string path) : fd(fd), path(std::move(path)) {}
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const int fd;
  const std::string path;
};
