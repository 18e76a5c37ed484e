#include "drivers/poll_plan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "drivers/pdu.hpp"

namespace hazgate::modbus {
namespace {

constexpr std::uint32_t max_bits = 2000;

std::uint32_t limit_of(Table table, MergeLimits limits) {
  const std::uint32_t registers = std::clamp<std::uint32_t>(limits.max_registers, 1, 125);
  return is_bit_table(table) ? std::min(registers * 16, max_bits) : registers;
}

bool fits(const Ask& ask, const Channel& channel, MergeLimits limits) {
  const std::uint32_t end = ask.address + ask.count;
  const std::uint32_t new_end = std::max<std::uint32_t>(end, channel.address + width(channel.type));
  return ask.table == channel.table && channel.address <= end + limits.max_gap &&
         new_end - ask.address <= limit_of(ask.table, limits);
}

bool same_words(const Ask& ask, const Channel& channel) {
  return ask.table == channel.table && ask.address == channel.address && ask.count == width(channel.type);
}

void extend(Ask& ask, std::uint32_t number, const Channel& channel) {
  const int end = std::max(ask.address + ask.count, channel.address + width(channel.type));
  ask.count = static_cast<std::uint16_t>(end - ask.address);
  ask.channels.push_back(number);
}

/// `joins` says whether a channel goes into the request before it.
template <class Joins>
std::vector<Ask> group(std::span<const Channel> channels, std::vector<std::uint32_t> numbers, Joins joins) {
  std::ranges::sort(numbers, {}, [&](std::uint32_t n) {
    return std::tuple(channels[n].table, channels[n].address, width(channels[n].type), n);
  });
  std::vector<Ask> asks;
  for (const std::uint32_t n : numbers) {
    if (asks.empty() || !joins(asks.back(), channels[n])) {
      asks.push_back({.table = channels[n].table, .address = channels[n].address, .count = 0, .channels = {}});
    }
    extend(asks.back(), n, channels[n]);
  }
  return asks;
}

}  // namespace

std::vector<Ask> merge(std::span<const Channel> channels, MergeLimits limits) {
  std::vector<std::uint32_t> all(channels.size());
  std::iota(all.begin(), all.end(), 0u);
  return group(channels, std::move(all), [&](const Ask& ask, const Channel& c) { return fits(ask, c, limits); });
}

PollPlan::PollPlan(std::vector<Channel> channels, MergeLimits limits)
    : channels_(std::move(channels)),
      asks_(merge(channels_, limits)),
      refused_(asks_.size(), false),
      accepted_(asks_.size()) {}

Request PollPlan::request(std::size_t ask, std::uint8_t unit) const {
  const Ask& a = asks_[ask];
  return {.unit = unit, .function = read_function(a.table), .address = a.address, .count = a.count};
}

std::vector<Ask> PollPlan::parts_of(const Ask& ask) const {
  constexpr MergeLimits no_gap{.max_gap = 0, .max_registers = 125};
  auto parts = group(channels_, ask.channels, [&](const Ask& a, const Channel& c) { return fits(a, c, no_gap); });
  if (parts.size() > 1) return parts;
  return group(channels_, ask.channels, same_words);
}

bool PollPlan::refuse(std::size_t ask) {
  const auto at = static_cast<std::ptrdiff_t>(ask);
  auto parts = parts_of(asks_[ask]);
  if (parts.size() <= 1) {
    if (!refused_[ask]) --accepted_;
    refused_[ask] = true;
    return false;
  }
  accepted_ += parts.size() - 1;
  refused_.insert(refused_.begin() + at, parts.size() - 1, false);
  asks_.erase(asks_.begin() + at);
  asks_.insert(asks_.begin() + at, std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
  return true;
}

void PollPlan::scatter(std::size_t ask, std::span<const std::uint16_t> words, std::span<double> values) {
  if (refused_[ask] && accepted_ == 0) {  // the device refused everything, and now it does not: ask for all again
    refused_.assign(refused_.size(), false);
    accepted_ = refused_.size();
  } else if (refused_[ask]) {
    refused_[ask] = false;
    ++accepted_;
  }
  const Ask& a = asks_[ask];
  for (const std::uint32_t n : a.channels) {
    const Channel& c = channels_[n];
    const auto own = words.subspan(static_cast<std::size_t>(c.address - a.address), width(c.type));
    if (c.type == Type::bit && !is_bit_table(c.table)) {
      values[n] = (own[0] & c.mask.value_or(0xFFFF)) != 0 ? 1 : 0;
    } else {
      values[n] = decode(own, c.type, c.order);
    }
  }
}

std::uint16_t PollPlan::widest() const {
  std::uint16_t most = 0;
  for (const Ask& a : asks_) most = std::max(most, a.count);
  return most;
}

}  // namespace hazgate::modbus
