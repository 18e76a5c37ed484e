#include "drivers/simulator.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "drivers/simulator_line.hpp"

namespace hazgate::modbus {
namespace {

constexpr std::array<std::pair<Fault, std::string_view>, 10> fault_names{
    {{Fault::silence, "silence"},
     {Fault::half_frame, "half-frame"},
     {Fault::wrong_crc, "wrong-crc"},
     {Fault::wrong_unit, "wrong-unit"},
     {Fault::wrong_transaction, "wrong-transaction"},
     {Fault::late_answer, "late-answer"},
     {Fault::exception, "exception"},
     {Fault::stuck, "stuck"},
     {Fault::garbage, "garbage"},
     {Fault::single_bytes, "single-bytes"}}};

}  // namespace

std::optional<Fault> fault_from(std::string_view wanted) {
  for (const auto& [fault, text] : fault_names) {
    if (text == wanted) return fault;
  }
  return std::nullopt;
}

std::string_view name(Fault fault) { return fault_names[static_cast<std::size_t>(fault)].second; }

struct Simulator::Impl {
  AtomicCounters counters;
  std::vector<std::unique_ptr<SimulatedLine>> lines;
};

Simulator::Simulator(std::vector<SimulatedBus> buses, double speed) : impl_(std::make_unique<Impl>()) {
  for (const auto& bus : buses) {
    impl_->lines.push_back(std::make_unique<SimulatedLine>(bus, speed, impl_->counters));
  }
  const auto start = Clock::now();
  for (const auto& line : impl_->lines) line->start(start);
}

Simulator::~Simulator() = default;

SimulatorCounters Simulator::counters() const {
  const auto& now = impl_->counters;
  return {.requests = now.requests, .answers = now.answers, .faults = now.faults};
}

}  // namespace hazgate::modbus
