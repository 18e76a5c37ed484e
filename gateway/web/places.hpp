// The connections there are, and who makes room for whom.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <string>

namespace hazgate::web {

/// What a connection is at, for who looks for one to end.
struct Connection {
  boost::asio::ip::tcp::socket socket;
  std::string address, household;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point waiting_since =
      std::chrono::steady_clock::time_point::min();  ///< for its handshake, a request, or its end
  bool at_work = true;                               ///< a request is being answered
  bool known = false;                                ///< its last request had a session

  void wait(std::chrono::milliseconds most) {
    const auto now = std::chrono::steady_clock::now();
    deadline = now + most;
    if (at_work) waiting_since = now;
    at_work = false;
  }
  void work(std::chrono::milliseconds most) {
    deadline = std::chrono::steady_clock::now() + most;
    at_work = true;
  }
  /// Whatever it waits for ends with an error, and its coroutine with that.
  void end() {
    boost::system::error_code ignored;
    socket.close(ignored);
  }
};

/// A connection waits (for its handshake, a request, or its end) or is at work on an answer; it is a stranger's as long
/// as no request of it has had a session.
/// - When all places are taken, one that waits makes room for the newcomer: strangers' before others', and of these the
///   one that has waited longest. Only where all are at work the newcomer is turned away.
/// - A household that has all the places that strangers of one may have makes room by itself, in the same order: silent
///   sockets without number crowd out each other, and nobody else.
class Places {
 public:
  using Place = std::list<Connection>::iterator;
  Places(std::size_t most, std::size_t strangers_of_a_household)
      : most_(most), strangers_of_a_household_(strangers_of_a_household) {}

  /// Whether there is a place for somebody of this household; another one may have had to go for it.
  bool make_room_for(const std::string& household);
  Place take(boost::asio::ip::tcp::socket socket, std::string address, std::string household);
  void leave(Place place) { connections_.erase(place); }
  /// Ends those whose time is over; how many.
  std::size_t end_late(std::chrono::steady_clock::time_point now);
  void end_all();
  std::size_t size() const { return connections_.size(); }
  std::uint64_t crowded_out() const { return crowded_out_; }

 private:
  template <class Which>
  bool crowd_out(Which may_go);

  const std::size_t most_, strangers_of_a_household_;
  std::uint64_t crowded_out_ = 0;
  std::list<Connection> connections_;
};

}  // namespace hazgate::web
