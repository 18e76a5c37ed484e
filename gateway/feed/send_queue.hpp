// Pure: which message goes out next, and where it goes back to when it was not acknowledged. No Paho, no clock of its
// own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "feed/mqtt.hpp"

namespace hazgate::feed {

/// Three lanes: status, alarms, readings; in order within a lane. A message keeps its place in its lane until it is
/// acknowledged, so whatever interrupts it, it comes back to where it was. A topic that the broker refuses waits and
/// holds back only itself: one tenant's missing permission must not stop the alarms of the others. A refused reply is
/// not kept: its topic was chosen by who asked, and such topics would gather without end.
class SendQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Pause = std::chrono::milliseconds;
  static constexpr std::size_t byte_window = 256 * 1024;
  explicit SendQueue(Pause refused_first = Pause(1000), Pause refused_most = Pause(60000));

  void offer(Message message);
  /// The newest status replaces one that waits; it goes first, and again at each birth.
  void status(Message message);
  /// From now on nothing but the status goes out.
  void status_only() { status_only_ = true; }

  /// A new connection that takes at most `window` unacknowledged messages. Nor is more than byte_window of readings in
  /// flight, and as much of the rest (but one message always): Paho holds copies, and loses those not yet written when
  /// the connection breaks. Of a window above 1 the readings leave an eighth, at least one place, to what is urgent: an
  /// alarm that had to wait until the broker acknowledges some of them came 40 ms later.
  void connected(std::size_t window);
  /// What was in flight is to be sent again.
  void disconnected();

  struct Sending {
    std::uint64_t ticket = 0;  ///< never used twice: an answer to an old connection's message is told apart
    const Message* message = nullptr;
  };
  /// The next message, which is in flight from now on; empty when the window is full or nothing may go.
  std::optional<Sending> next(Time now);
  /// The id of the acknowledged message (0: nobody waits for it); empty for an unknown ticket.
  std::optional<std::int64_t> acknowledged(std::uint64_t ticket);
  struct Refusal {
    std::string topic;
    bool kept = false;  ///< and will be tried again
    bool operator==(const Refusal&) const = default;
  };
  /// What the broker refused; empty for an unknown ticket.
  std::optional<Refusal> refused(std::uint64_t ticket, Time now);

  std::size_t in_flight() const { return in_flight_.size(); }
  std::size_t waiting() const;
  bool status_waiting() const { return waiting_in(lanes_[status_lane]) > 0; }

 private:
  using InOrder = std::map<std::uint64_t, Message>;
  struct Held {
    std::optional<Time> until;  ///< empty while it is being tried again
    int refusals = 0;
    InOrder messages;
  };
  struct Lane {
    InOrder waiting;
    std::map<std::string, Held, std::less<>> held;  ///< by topic
  };
  struct InFlight {
    std::size_t lane = 0;
    std::uint64_t place = 0;
    Message message;
  };
  static constexpr std::size_t status_lane = 0, alarms_lane = 1, readings_lane = 2;
  struct Load {
    std::size_t messages = 0, bytes = 0;
  };

  static std::size_t size_of(const Message& message) {
    return message.topic.size() + message.payload.size() + message.correlation.size();
  }

  bool has_room(std::size_t lane) const;
  InFlight take_back(std::map<std::uint64_t, InFlight>::iterator sent);
  static std::size_t waiting_in(const Lane& lane);
  static void release_due(Lane& lane, Time now);
  static bool hold_back(Lane& lane);

  std::array<Lane, 3> lanes_;
  std::map<std::uint64_t, InFlight> in_flight_;  ///< by ticket
  std::optional<Message> birth_;
  std::uint64_t last_place_ = 0, last_ticket_ = 0;
  std::size_t window_ = 0;
  Load readings_, urgent_;  ///< in flight
  Load& load_of(std::size_t lane) { return lane == readings_lane ? readings_ : urgent_; }
  Pause refused_first_, refused_most_;
  bool status_only_ = false;
};

}  // namespace hazgate::feed
