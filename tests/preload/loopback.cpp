// Loaded in front of libc (LD_PRELOAD) into a server under test that can only listen on every address of the machine: it
// listens on 127.0.0.1 alone.

#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace {

// ::ffff:127.0.0.1, the loopback address for a socket that takes both families.
constexpr unsigned char kLoopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};

}  // namespace

extern "C" int bind(int file, const sockaddr* address, socklen_t length) noexcept {
  using Bind = int (*)(int, const sockaddr*, socklen_t);
  static const auto next = reinterpret_cast<Bind>(dlsym(RTLD_NEXT, "bind"));
  if (address != nullptr && address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in here = *reinterpret_cast<const sockaddr_in*>(address);
    if (here.sin_addr.s_addr == htonl(INADDR_ANY)) here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return next(file, reinterpret_cast<const sockaddr*>(&here), sizeof here);
  }
  if (address != nullptr && address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 here = *reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_UNSPECIFIED(&here.sin6_addr)) __builtin_memcpy(&here.sin6_addr, kLoopback, sizeof kLoopback);
    return next(file, reinterpret_cast<const sockaddr*>(&here), sizeof here);
  }
  return next(file, address, length);
}
