// The HTTP server in the gateway's loop: connections with bounds on everything that a stranger can make large or slow,
// TLS, and the live connection. What is answered is decided in routes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "async/task_group.hpp"
#include "web/live.hpp"
#include "web/routes.hpp"

namespace hazgate::web {

struct ServerOptions {
  std::string host = "127.0.0.1";   ///< an address of this machine
  std::uint16_t port = 8080;        ///< 0: any free one
  std::filesystem::path cert, key;  ///< PEM; none: plain
};

struct ServerCounters {
  std::uint64_t connections = 0, requests = 0;
  std::uint64_t refused = 0;      ///< no HTTP, too large, too slow, too many
  std::uint64_t crowded_out = 0;  ///< waiting ones that had to make room
};

/// Who has a place is decided in places; a household is an address, and of IPv6 its /64. Beginnings of TLS, which cost
/// the gateway more than whoever begins, are counted a household; more than its share is turned away before the first
/// byte.
class Server {
 public:
  struct Bounds {
    std::size_t connections = 1024;
    std::size_t strangers_of_a_household = 128;
    double handshakes_per_second = 20, handshakes_burst = 200;  ///< of a household
    std::size_t header_bytes = 8U << 10U, body_bytes = 64U << 10U;
    std::size_t upload_bytes = 16U << 20U, uploads = 4;  ///< files that come in at once
    std::chrono::milliseconds request{10'000};           ///< for a request to come, from its first byte
    std::chrono::milliseconds upload{120'000};           ///< the same of a file
    std::chrono::milliseconds report{300'000};           ///< for a long answer to be made
    std::chrono::milliseconds idle{60'000};              ///< between two requests
    std::chrono::milliseconds write{30'000};             ///< for a browser to take an answer
    std::chrono::milliseconds handshake{10'000};
  };
  /// Listens at once; throws std::runtime_error with what to do where it cannot. All outlive this.
  Server(boost::asio::io_context& io, const ServerOptions& options, const Routes& routes, Live& live, const Api& api,
         const Bounds& bounds);
  Server(boost::asio::io_context& io, const ServerOptions& options, const Routes& routes, Live& live, const Api& api)
      : Server(io, options, routes, live, api, Bounds()) {}
  ~Server();
  /// Whether it could begin with these; throws as the constructor does. `address_too`: nobody listens there yet.
  static void check(const ServerOptions& options, bool address_too);

  /// Accepts until the group stops; connections end with it.
  void start(async::TaskGroup& group);
  std::uint16_t port() const;
  std::size_t connections() const;
  const ServerCounters& counters() const;

  /// What went wrong inside, of one connection or before there was one; the server goes on. Set before start().
  std::function<void(const std::string& why)> on_trouble;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::web
