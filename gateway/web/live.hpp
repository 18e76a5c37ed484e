// What browsers that watch are sent: a snapshot, then what changes. Each has a seat with a bounded queue; one that is
// too slow loses its queue and begins again with a snapshot, and nobody waits for it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "async/event.hpp"
#include "web/api.hpp"

namespace hazgate::web {

/// Of one browser. Single-threaded, as Live.
class Seat {
 public:
  Seat(boost::asio::any_io_executor executor, std::string enterprise, std::function<Bytes()> snapshot)
      : enterprise_(std::move(enterprise)), snapshot_(std::move(snapshot)), woken_(std::move(executor)) {}

  /// The next frame to send; none while there is none.
  Bytes take();
  async::Event& woken() { return woken_; }
  std::uint64_t begun_again() const { return begun_again_; }

  static constexpr std::size_t most_frames = 64, most_bytes = 4U << 20U;

 private:
  friend class Live;
  void offer(const Bytes& frame);

  std::string enterprise_;  ///< the only one that it sees; empty: all
  std::function<Bytes()> snapshot_;
  std::deque<Bytes> frames_;
  std::size_t bytes_ = 0;
  bool needs_snapshot_ = true;  ///< at first, and when it has lost its queue
  std::uint64_t begun_again_ = 0;
  async::Event woken_;
};

class Live {
 public:
  explicit Live(const Api& api) : api_(api) {}

  /// None when all seats are taken. The seat leaves by itself when it goes.
  std::shared_ptr<Seat> join(boost::asio::any_io_executor executor, const Viewer& viewer);
  /// To everybody who sees that enterprise alone (empty: who sees all).
  void publish(const std::string& enterprise, const Bytes& frame);
  /// Does anybody watch with these eyes? What nobody sees need not be made.
  bool is_watched(const std::string& enterprise) const;
  std::size_t watchers() const;
  std::uint64_t begun_again() const { return begun_again_; }  ///< queues that slow browsers lost, of all time

  static constexpr std::size_t most_seats = 400;

 private:
  const Api& api_;
  std::vector<std::weak_ptr<Seat>> seats_;
  std::uint64_t begun_again_ = 0;
};

}  // namespace hazgate::web
