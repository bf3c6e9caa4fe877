#pragma once

#include <string>
#include <utility>

/// A connected stream socket, non-blocking.
class Socket {
 public:
  Socket(int fd, std::string peer) : fd(fd), peer(std::move(peer)) {}
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  const int fd;
  /// As it was asked for: in messages.
  const std::string peer;
};
