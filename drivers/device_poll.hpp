// Pure: one poll of one device as a dialogue. It says what to ask; it is told what came; it says how to go on.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/poll_plan.hpp"
#include "drivers/poller.hpp"

namespace hazgate::modbus {

class DevicePoll {
 public:
  enum class Next {
    ask,        ///< request() at once, or after the device's min_interval
    ask_later,  ///< the device is busy: the same request after a pause
    done
  };

  explicit DevicePoll(DevicePlan plan);

  const DevicePlan& plan() const { return plan_; }
  /// A new poll. `probing`: the device was silent the last time, so one try must do. False: nothing to ask at all.
  bool begin(bool probing);
  Request request() const;
  /// The outcome of request(); words count on success only.
  Next answer(boost::system::error_code ec, std::span<const std::uint16_t> words);

  /// After done: what the poll brought. `values` and `detail` stay until the next begin().
  boost::system::error_code error() const { return error_; }
  std::span<const double> values() const { return values_; }
  std::string_view detail() const { return detail_; }
  /// This success is the first since start or since a failure.
  bool first_after_loss() const { return first_; }
  /// The last poll succeeded.
  bool answering() const { return answering_; }
  std::uint16_t widest() const;

 private:
  PollPlan& current() { return identified_ ? measures_ : identity_; }
  const PollPlan& current() const { return identified_ ? measures_ : identity_; }
  PollPlan fresh_identity() const;
  PollPlan fresh_measures() const;
  Next next_ask();
  Next succeed();
  Next fail(boost::system::error_code ec);
  Next on_refusal(boost::system::error_code ec);
  bool identity_holds();

  DevicePlan plan_;
  PollPlan identity_, measures_;
  std::vector<double> expected_;  ///< as read, beside plan_.expects
  std::vector<double> values_;
  std::size_t ask_ = 0;
  int tries_ = 0, busy_tries_ = 0;  ///< still to go for this request, after the one under way
  bool probing_ = false, identified_ = false, answering_ = false, first_ = false;
  boost::system::error_code error_;
  std::string detail_;
};

}  // namespace hazgate::modbus
