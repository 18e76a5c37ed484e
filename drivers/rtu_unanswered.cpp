#include "drivers/rtu_unanswered.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "drivers/pdu.hpp"

namespace hazgate::modbus {
namespace {

constexpr std::size_t most_owed = 16;  // a caller who never repeats a request would otherwise owe without end
constexpr int most_probes = 3;

std::uint16_t data_bytes(const Request& request) {
  return static_cast<std::uint16_t>(reads_bits(request.function) ? (request.count + 7) / 8 : request.count * 2);
}

/// Would the (positive) answers of both look alike? A write is echoed with address and value.
bool alike(const Request& a, const Request& b) {
  if (a.function != b.function) return false;
  if (is_write(a.function)) return a.address == b.address && a.value == b.value;
  return data_bytes(a) == data_bytes(b);
}

bool could_answer(std::span<const std::uint8_t> pdu, const Request& request) {
  std::array<std::uint16_t, 2000> scrap;
  const auto error = decode_answer(request, pdu, scrap);
  return !error || is_exception(error);
}

Function sibling(Function function) {
  switch (function) {
    case Function::read_coils:
      return Function::read_discrete;
    case Function::read_discrete:
      return Function::read_coils;
    case Function::read_holding:
      return Function::read_input;
    default:
      return Function::read_holding;
  }
}

Function probing_function(Function function) {
  if (function == Function::write_coil) return Function::read_coils;
  return function == Function::write_register ? Function::read_holding : function;
}

}  // namespace

bool Unanswered::may_ask(const Request& request) const {
  return owed_.size() < most_owed &&
         std::none_of(owed_.begin(), owed_.end(), [&](const Request& owed) { return alike(owed, request); });
}

std::optional<Request> Unanswered::probe_for(const Request& request) const {
  if (probes_unanswered_ >= most_probes) return std::nullopt;
  const auto own = probing_function(request.function);
  const std::uint16_t more = reads_bits(own) ? 9 : 2;  // one byte or one register longer than the least
  const std::array<std::pair<Function, std::uint16_t>, 4> choices{
      {{own, 1}, {sibling(own), 1}, {own, more}, {sibling(own), more}}};
  for (const auto& [function, count] : choices) {
    const auto last_start = static_cast<std::uint16_t>(65536 - count);
    const Request probe{
        .unit = request.unit, .function = function, .address = std::min(request.address, last_start), .count = count};
    if (may_ask(probe)) return probe;
  }
  return std::nullopt;
}

void Unanswered::asked(const Request& request, Clock::time_point now) {
  owed_.push_back(request);
  last_asked_ = now;
}

void Unanswered::probed(const Request& probe, Clock::time_point now) {
  ++probes_unanswered_;
  asked(probe, now);
}

Unanswered::Heard Unanswered::heard(std::span<const std::uint8_t> pdu) {
  const auto first =
      std::find_if(owed_.begin(), owed_.end(), [&](const Request& owed) { return could_answer(pdu, owed); });
  if (first == owed_.end()) return Heard::foreign;
  probes_unanswered_ = 0;
  const bool newest = first + 1 == owed_.end();
  owed_.erase(owed_.begin(), first + 1);
  return newest ? Heard::newest : Heard::late;
}

void Unanswered::forgive(Clock::time_point now, Clock::duration patience) {
  if (now - last_asked_ <= patience) return;
  owed_.clear();
  probes_unanswered_ = 0;
}

}  // namespace hazgate::modbus
