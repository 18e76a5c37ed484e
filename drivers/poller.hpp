// The poller of one bus: what is due, ask, decode, hand over. And the clock that drives all of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "async/task_group.hpp"
#include "drivers/link.hpp"
#include "drivers/profile.hpp"

namespace hazgate::modbus {

/// One device as the poller needs it. `channels` is read whole at each poll; its order is the order of the values.
struct DevicePlan {
  std::uint32_t index = 0;  ///< handed back with each outcome
  std::string id;
  std::uint8_t unit = 1;
  milliseconds period{1000};
  milliseconds timeout{500};
  int retries = 1;
  std::vector<Channel> channels;
  std::vector<Expect> expects;
  std::uint16_t max_gap = 8;
  std::uint16_t max_registers = 125;
  milliseconds min_interval{0};
  bool first_query_may_fail = false;
};

/// What one poll brought. On success one value a channel, in order; NaN where the device refuses that register.
/// On error `values` is empty. identity_mismatch carries its words in `detail`.
struct Outcome {
  std::uint32_t device = 0;
  boost::system::error_code error;
  std::span<const double> values;
  std::string_view detail;
  std::chrono::microseconds lateness{};  ///< start of the poll after its due time
  bool first_after_loss = false;         ///< first success since start or since the device was lost
};

struct PollCounters {
  std::uint64_t polls = 0;  ///< completed polls, good or bad
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;    ///< due while the one before was still under way
  std::uint64_t held_back = 0;  ///< due while the store could take no more
  std::chrono::microseconds worst_lateness{};
};

/// A write that an output needs (coil or register). `done` gets the error of the write or of its read-back, and
/// operation_aborted where the poller ends before.
struct Write {
  std::uint8_t unit = 1;
  Table table = Table::coil;  ///< coil or holding
  std::uint16_t address = 0;
  std::uint16_t value = 0;
  std::function<void(boost::system::error_code)> done;
};

/// A look at registers that nobody polls, for whoever puts an instrument into service. `done` gets one word a register,
/// or one 0/1 a bit; they hold for the time of the call. It gets operation_aborted where the poller ends before.
struct Look {
  std::uint8_t unit = 1;
  Table table = Table::holding;
  std::uint16_t address = 0;
  std::uint16_t count = 1;  ///< at most 125
  std::function<void(boost::system::error_code, std::span<const std::uint16_t>)> done;
};

/// Owns the link of one bus and the schedule of its devices. Fixed period without drift; phases spread over the
/// period; a late poll is skipped and counted; a silent device backs off 1, 2, 4 … 60 s.
class Poller {
 public:
  using OnOutcome = std::function<void(const Outcome&)>;

  Poller(asio::io_context& io, std::string bus_id, std::unique_ptr<Link> link, std::vector<DevicePlan> devices,
         OnOutcome on_outcome);
  ~Poller();

  /// Starts the link and max_in_flight workers in the group.
  void start(async::TaskGroup& group);
  /// From the one ticker: wakes workers for what is due, ends what is past its deadline. While `hold` nothing new is
  /// asked.
  void tick(Clock::time_point now, bool hold);
  /// From now on `wanted` says when it wants the next tick; it changes with each tick and each answer.
  void attend(Clock::time_point& wanted);
  /// Goes before the next poll of the bus and before all looks; verified by read-back. At most 64 wait; more, and all
  /// after the end, is refused by false.
  bool write(Write write);
  /// Goes when no write waits, and is tried once. At most 4 wait; more is refused by false.
  bool look(Look look);

  const std::string& bus_id() const;
  const Link& link() const;
  const PollCounters& counters() const;
  /// Is this device answering (by its last poll)?
  bool answering(std::uint32_t device_index) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One timer for all buses: polls gather on 10 ms ticks, deadlines are swept every 50 ms.
class Ticker {
 public:
  /// Outlives what the pollers have started, as they do themselves.
  explicit Ticker(std::span<const std::unique_ptr<Poller>> pollers);
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// Until it is cancelled. `hold` (may be empty) is asked with each tick.
  asio::awaitable<void> run(std::function<bool()> hold);

 private:
  std::span<const std::unique_ptr<Poller>> pollers_;
  /// When each wants its tick, side by side: a thousand idle ones are a glance, and nothing of them is touched.
  std::vector<Clock::time_point> wanted_;
};

}  // namespace hazgate::modbus
