// What browsers that watch are sent: a snapshot, then what changes. Each has a seat with a bounded queue; one that is
// too slow loses its queue and begins again with a snapshot, and nobody waits for it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "async/event.hpp"
#include "web/api.hpp"

namespace hazgate::web {

class Live;
class Seat;

/// Who sits where. The seats share it: the last of them may leave after Live.
struct Seats {
  /// Those who see the same. It is there while somebody sits in it: what is kept for nobody would grow old unnoticed.
  struct Audience {
    std::vector<Seat*> seats;
    Bytes snapshot;  ///< what they begin with, until the next frame
  };
  std::map<std::string, Audience> of_enterprise;
  std::map<std::string, std::size_t> of_user;
  std::size_t taken = 0;
};

/// Of one browser. Single-threaded, as Live.
class Seat {
 public:
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  /// The next frame to send; none while there is none.
  Bytes take();
  async::Event& woken() { return woken_; }
  std::uint64_t begun_again() const { return begun_again_; }

  static constexpr std::size_t most_frames = 64, most_bytes = 4U << 20U;

 private:
  friend class Live;
  Seat(boost::asio::any_io_executor executor, std::shared_ptr<Seats> seats, std::string user, std::string enterprise,
       std::function<Bytes()> snapshot);
  void offer(const Bytes& frame);
  Bytes snapshot();

  const std::shared_ptr<Seats> seats_;
  const std::string user_, enterprise_;  ///< the only one that it sees; empty: all
  const std::function<Bytes()> make_snapshot_;
  std::deque<Bytes> frames_;
  std::size_t bytes_ = 0;
  bool needs_snapshot_ = true;  ///< at first, and when it has lost its queue
  std::uint64_t begun_again_ = 0;
  async::Event woken_;
};

class Live {
 public:
  struct Bounds {
    std::size_t seats = 400, seats_of_a_user = 20;  ///< so that no tenant takes all
  };
  Live(const Api& api, const Bounds& bounds) : api_(api), bounds_(bounds) {}
  explicit Live(const Api& api) : Live(api, Bounds()) {}

  /// None when all seats are taken, or all that one user may have. The seat leaves by itself when it goes.
  std::shared_ptr<Seat> join(boost::asio::any_io_executor executor, const Viewer& viewer);
  /// To everybody who sees that enterprise alone (empty: who sees all).
  void publish(const std::string& enterprise, const Bytes& frame);
  /// Does anybody watch with these eyes? What nobody sees need not be made.
  bool is_watched(const std::string& enterprise) const { return seats_->of_enterprise.contains(enterprise); }
  std::size_t watchers() const { return seats_->taken; }
  std::uint64_t begun_again() const { return begun_again_; }  ///< queues that slow browsers lost, of all time

 private:
  const Api& api_;
  const Bounds bounds_;
  const std::shared_ptr<Seats> seats_ = std::make_shared<Seats>();
  std::uint64_t begun_again_ = 0;
};

}  // namespace hazgate::web
