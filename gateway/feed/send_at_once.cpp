#include "feed/send_at_once.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <netinet/tcp.h>

namespace hazgate::feed {
namespace {

constexpr std::string_view secure_scheme = "mqtts://";
constexpr std::uint16_t plain_port = 1883, secure_port = 8883;

/// Empty for what is no connection over IP.
std::optional<std::uint16_t> peer_port_of(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return std::nullopt;
  if (peer.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port);
  if (peer.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(peer).sin6_port);
  return std::nullopt;
}

}  // namespace

std::uint16_t port_of(std::string_view url) {
  const auto otherwise = url.starts_with(secure_scheme) ? secure_port : plain_port;
  const auto colon = url.rfind(':');
  const auto digits = url.substr(colon + 1);  // behind the scheme's colon there are none
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? port : otherwise;
}

void send_at_once(std::uint16_t peer_port) {
  namespace fs = std::filesystem;
  std::error_code error;  // nothing is thrown: Paho's own code calls this
  for (fs::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (peer_port_of(descriptor) != peer_port) continue;
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
}

}  // namespace hazgate::feed
