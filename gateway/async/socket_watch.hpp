// Sockets by the thousand that wait for their peers: one set of the kernel's, and one wait of the loop for all of it.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>

namespace hazgate::async {

namespace asio = boost::asio;

/// One for each loop: `asio::use_service<SocketWatch>(io)`. Asio's own reading asks each socket twice for what has come
/// once, and keeps an operation for each; of a loop that polls a thousand devices that is a quarter. Single-threaded.
/// While a socket is watched, the loop has work.
class SocketWatch final : public asio::execution_context::service {
 public:
  using key_type = SocketWatch;
  static inline asio::execution_context::id id;  // NOLINT(readability-identifier-naming): Asio's word

  class Watched {
   public:
    /// There is something to read: bytes, the end, or an error. Called again as long as there is. Whatever is watched
    /// may be removed here, and destroyed. What it throws leaves the loop's run().
    virtual void on_readable() = 0;

   protected:
    ~Watched() = default;
  };

  /// Throws boost::system::system_error where the system has no descriptor left.
  explicit SocketWatch(asio::io_context& io);
  /// A non-blocking socket that stays open until it is removed. Fails where the system can watch no more.
  [[nodiscard]] boost::system::error_code add(int socket, Watched& watched);
  void remove(int socket, Watched& watched);

 private:
  static constexpr std::size_t most_at_once = 128;
  static constexpr int most_rounds = 4;  ///< then others of the loop have their turn
  void shutdown() override;
  void wait();
  bool tell_some();

  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> set_;
  std::array<epoll_event, most_at_once> events_{};
  std::span<epoll_event> untold_;  ///< of those found
  std::size_t watched_ = 0;
  bool waiting_ = false;
};

}  // namespace hazgate::async
