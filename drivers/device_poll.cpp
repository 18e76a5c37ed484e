#include "drivers/device_poll.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hazgate::modbus {
namespace {

constexpr int tries_while_busy = 2;

std::vector<Channel> channels_of(const std::vector<Expect>& expects) {
  std::vector<Channel> channels;
  channels.reserve(expects.size());
  for (const Expect& e : expects) channels.push_back(e.channel);
  return channels;
}

/// A factor like 0.5 may come as float32: equal to six digits is equal.
bool same(double is, double wanted) { return std::abs(is - wanted) <= 1e-6 * std::max(1.0, std::abs(wanted)); }

}  // namespace

DevicePoll::DevicePoll(DevicePlan plan)
    : plan_(std::move(plan)),
      identity_(fresh_identity()),
      measures_(fresh_measures()),
      expected_(plan_.expects.size()),
      values_(plan_.channels.size()) {}

PollPlan DevicePoll::fresh_identity() const {
  return {channels_of(plan_.expects), {.max_gap = 0, .max_registers = plan_.max_registers}};
}

PollPlan DevicePoll::fresh_measures() const {
  return {plan_.channels, {.max_gap = plan_.max_gap, .max_registers = plan_.max_registers}};
}

std::uint16_t DevicePoll::widest() const { return std::max(identity_.widest(), measures_.widest()); }

bool DevicePoll::begin(bool probing) {
  probing_ = probing;
  error_ = {};
  detail_.clear();
  std::ranges::fill(values_, std::numeric_limits<double>::quiet_NaN());
  identified_ = answering_ || plan_.expects.empty();
  ask_ = 0;
  const bool something = next_ask() == Next::ask;
  // The first query after idle may get lost by the device's nature, so even a probe is worth a second one.
  if (plan_.first_query_may_fail) ++tries_;
  return something;
}

Request DevicePoll::request() const { return current().request(ask_, plan_.unit); }

DevicePoll::Next DevicePoll::next_ask() {
  while (ask_ < current().size() && current().left_out(ask_)) ++ask_;
  if (ask_ >= current().size()) return identified_ ? succeed() : Next::done;
  tries_ = probing_ ? 0 : plan_.retries;
  busy_tries_ = tries_while_busy;
  return Next::ask;
}

DevicePoll::Next DevicePoll::answer(boost::system::error_code ec, std::span<const std::uint16_t> words) {
  if (ec) {
    const Recovery recovery = recovery_for(ec);
    if (recovery == Recovery::split_request) return on_refusal(ec);
    const bool busy = ec == modbus_errc::acknowledge || ec == modbus_errc::device_busy;
    int& left = busy ? busy_tries_ : tries_;
    if (recovery != Recovery::retry || left <= 0) return fail(ec);
    --left;
    return busy ? Next::ask_later : Next::ask;
  }
  probing_ = false;  // it is there: from here on an ordinary poll
  current().scatter(ask_, words, identified_ ? std::span(values_) : std::span(expected_));
  ++ask_;
  if (!identified_ && ask_ >= identity_.size()) {
    if (!identity_holds()) return fail(modbus_errc::identity_mismatch);
    identified_ = true;
    ask_ = 0;
  }
  return next_ask();
}

DevicePoll::Next DevicePoll::on_refusal(boost::system::error_code ec) {
  probing_ = false;
  if (current().refuse(ask_)) return next_ask();
  // Without its identity register a device is not the one that was configured.
  if (!identified_) return fail(ec);
  ++ask_;
  return next_ask();
}

bool DevicePoll::identity_holds() {
  for (std::size_t i = 0; i < plan_.expects.size(); ++i) {
    const Expect& e = plan_.expects[i];
    if (same(expected_[i], e.equals)) continue;
    detail_ += fmt::format("{}{}: {} {:#06x} is {}, expected {}", detail_.empty() ? "" : "; ",
                           e.what.empty() ? "identity" : e.what, name(e.channel.table), e.channel.address, expected_[i],
                           e.equals);
  }
  return detail_.empty();
}

DevicePoll::Next DevicePoll::succeed() {
  first_ = !answering_;
  answering_ = true;
  return Next::done;
}

DevicePoll::Next DevicePoll::fail(boost::system::error_code ec) {
  // Another device may stand there when it answers again: what it refused is forgotten, who it is asked anew.
  current() = identified_ ? fresh_measures() : fresh_identity();
  error_ = ec;
  first_ = answering_ = false;
  return Next::done;
}

}  // namespace hazgate::modbus
