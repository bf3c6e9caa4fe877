// Stream sockets that this process connects: TCP and Unix. They never block by themselves; a wait has an end.

#include "socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "clock.h"
#include "entries.h"

Socket::~Socket() {
  if (fd >= 0) close(fd);
}

namespace {

/// A minute, us.
constexpr uint64_t LONGEST_WAIT_US = 60'000'000;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

/// A numeric address: a name would ask a resolver, which takes as long as it likes.
Address tcpAddress(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (getaddrinfo(host.c_str(), service.c_str(), &hints, &found) != 0)
    throwRange("host must be a numeric address, not \"" + host + "\"");
  Address address;
  memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

Address unixAddress(const std::string& path) {
  Address address;
  auto* local = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof local->sun_path)
    throwRange("path must be of 1 to " + std::to_string(sizeof local->sun_path - 1) + " bytes");
  local->sun_family = AF_UNIX;
  memcpy(local->sun_path, path.c_str(), path.size() + 1);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

/// Waits for any of these events until a moment, ns; false where none came.
bool waitFor(const Socket& socket, short events, uint64_t until) {
  for (;;) {
    const uint64_t now = monotonicNs();
    const uint64_t left = now < until ? until - now : 0;
    const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    pollfd one{socket.fd, events, 0};
    const int ready = ppoll(&one, 1, &timeout, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throwSystem(errno, "ppoll", socket.peer);
  }
}

napi_value connected(const Call& call, const Address& address, std::string peer, uint64_t timeoutUs) {
  const uint64_t until = monotonicNs() + timeoutUs * 1000;
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throwSystem(errno, "socket", std::move(peer));
  auto socket = std::make_shared<Socket>(fd, std::move(peer));
  if (address.storage.ss_family != AF_UNIX) {
    // A request is one write: nothing is gained by holding back the last segment.
    const int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) throwSystem(errno, "setsockopt", socket->peer);
  }
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) < 0) {
    if (errno != EINPROGRESS && errno != EINTR) throwSystem(errno, "connect", socket->peer);
    if (!waitFor(*socket, POLLOUT, until)) throwSystem(ETIMEDOUT, "connect", socket->peer);
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
    if (error != 0) throwSystem(error, "connect", socket->peer);
  }
  return call.result(call.state().sockets.add(std::move(socket)));
}

napi_value socketConnect(const Call& call) {
  const std::string host = call.text(0, "host");
  const auto port = static_cast<uint16_t>(call.integer(1, "port", 1, UINT16_MAX));
  const uint64_t timeoutUs = call.integer(2, "timeoutUs", 0, LONGEST_WAIT_US);
  return connected(call, tcpAddress(host, port), host + ":" + std::to_string(port), timeoutUs);
}

napi_value socketConnectUnix(const Call& call) {
  std::string path = call.text(0, "path");
  const uint64_t timeoutUs = call.integer(1, "timeoutUs", 0, LONGEST_WAIT_US);
  const Address address = unixAddress(path);
  return connected(call, address, std::move(path), timeoutUs);
}

Socket& socketOf(const Call& call) {
  Socket* socket = call.state().sockets.find(call.handle(0, "socket"));
  if (!socket) Call::unknownHandle("socket", "socket");
  return *socket;
}

struct Range {
  char* begin;
  size_t bytes;
};

/// The bytes of an arena that arguments 1 to 3 name.
Range rangeOf(const Call& call) {
  Arena& arena = call.arena(1, "arena");
  const uint64_t offset = call.integer(2, "offset", 0, arena.bytes() - 1);
  const uint64_t bytes = call.integer(3, "bytes", 1, arena.bytes() - offset);
  return {arena.base + offset, bytes};
}

napi_value socketSend(const Call& call) {
  const Socket& socket = socketOf(call);
  const Range range = rangeOf(call);
  ssize_t sent;
  do sent = send(socket.fd, range.begin, range.bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) throwSystem(errno, "send", socket.peer);
  return call.result(static_cast<double>(sent < 0 ? 0 : sent));
}

napi_value socketReceive(const Call& call) {
  const Socket& socket = socketOf(call);
  const Range range = rangeOf(call);
  ssize_t received;
  do received = recv(socket.fd, range.begin, range.bytes, MSG_DONTWAIT);
  while (received < 0 && errno == EINTR);
  if (received < 0 && errno != EAGAIN) throwSystem(errno, "recv", socket.peer);
  if (received == 0) throwSystem(ECONNRESET, "recv", socket.peer, "the other side has closed");
  return call.result(static_cast<double>(received < 0 ? 0 : received));
}

napi_value socketWait(const Call& call) {
  const Socket& socket = socketOf(call);
  const bool toSend = call.boolean(1, "toSend");
  const uint64_t timeoutUs = call.integer(2, "timeoutUs", 0, LONGEST_WAIT_US);
  const auto events = static_cast<short>(toSend ? POLLIN | POLLOUT : POLLIN);
  return call.result(waitFor(socket, events, monotonicNs() + timeoutUs * 1000));
}

napi_value socketClose(const Call& call) {
  if (!call.state().sockets.remove(call.handle(0, "socket"))) Call::unknownHandle("socket", "socket");
  return nullptr;
}

constexpr Entry ENTRIES[] = {{"socketConnect", guarded<socketConnect>}, {"socketConnectUnix", guarded<socketConnectUnix>},
                             {"socketSend", guarded<socketSend>},       {"socketReceive", guarded<socketReceive>},
                             {"socketWait", guarded<socketWait>},       {"socketClose", guarded<socketClose>}};

}  // namespace

std::span<const Entry> socketEntries() { return ENTRIES; }
