#include "drivers/simulator_device.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::modbus {
namespace {

/// First and last address (inclusive) of a channel.
struct Span {
  std::uint32_t first, last;
};
Span span_of(const Channel& channel) {
  return {channel.address, std::min<std::uint32_t>(65535, channel.address + width(channel.type) - 1U)};
}

std::vector<RegisterBlock> blocks_over(std::vector<Span> spans, bool bits) {
  std::sort(spans.begin(), spans.end(), [](Span a, Span b) { return a.first < b.first; });
  std::vector<RegisterBlock> blocks;
  for (const auto span : spans) {
    const auto end = blocks.empty() ? 0 : blocks.back().start + blocks.back().size();
    if (blocks.empty() || span.first > end) blocks.push_back({.start = static_cast<std::uint16_t>(span.first)});
    auto& block = blocks.back();
    const auto size = std::max<std::size_t>(block.size(), span.last + 1 - block.start);
    bits ? block.bits.resize(size) : block.words.resize(size);
  }
  return blocks;
}

}  // namespace

double length(const Track& track) {
  const auto& times = track.seconds;
  if (times.size() < 2) return 0;
  const double step = times.back() - times[times.size() - 2];
  return times.back() - times.front() + step;
}

double value_at(const Track& track, double seconds) {
  const auto& times = track.seconds;
  const double period = length(track);
  double at = period > 0 ? std::fmod(std::max(0.0, seconds - track.from), period) : 0;
  at += times.front();
  const auto next = std::upper_bound(times.begin(), times.end(), at);
  const auto index = next == times.begin() ? 0 : next - times.begin() - 1;
  return track.values[static_cast<std::size_t>(index)];
}

SimulatedRegisters::SimulatedRegisters(const SimulatedDevice& device)
    : tracks_(device.tracks), heartbeat_(device.heartbeat) {
  std::erase_if(tracks_, [](const Track& track) { return track.values.empty(); });
  std::array<std::vector<Span>, 4> spans;
  const auto cover = [&spans](const Channel& channel) {
    spans[static_cast<std::size_t>(channel.table)].push_back(span_of(channel));
  };
  for (const auto& track : tracks_) cover(track.channel);
  for (const auto& [channel, value] : device.constants) cover(channel);
  if (heartbeat_) cover(*heartbeat_);
  for (std::size_t table = 0; table < spans.size(); ++table) {
    blocks_[table] = blocks_over(std::move(spans[table]), is_bit_table(static_cast<Table>(table)));
  }
  for (const auto& [channel, value] : device.constants) put(channel, value);
}

modbus_mapping_t SimulatedRegisters::mapping_at(double seconds, Table table, std::uint16_t address,
                                                std::uint16_t count) {
  const auto wanted = [&](const Channel& channel) {
    const auto span = span_of(channel);
    return channel.table == table && span.first < std::uint32_t{address} + count && span.last >= address;
  };
  for (const auto& track : tracks_) {
    if (!wanted(track.channel)) continue;
    const double value = value_at(track, seconds);
    if (!std::isnan(value)) put(track.channel, (value - track.offset) / track.scale);
  }
  if (heartbeat_ && wanted(*heartbeat_)) put(*heartbeat_, std::fmod(std::floor(seconds), 65536));
  modbus_mapping_t mapping{};
  auto* block = block_of(table, address, count);
  if (block == nullptr) return mapping;
  const int start = block->start, size = static_cast<int>(block->size());
  switch (table) {
    case Table::coil:
      mapping.start_bits = start, mapping.nb_bits = size, mapping.tab_bits = block->bits.data();
      break;
    case Table::discrete:
      mapping.start_input_bits = start, mapping.nb_input_bits = size, mapping.tab_input_bits = block->bits.data();
      break;
    case Table::input:
      mapping.start_input_registers = start, mapping.nb_input_registers = size;
      mapping.tab_input_registers = block->words.data();
      break;
    case Table::holding:
      mapping.start_registers = start, mapping.nb_registers = size, mapping.tab_registers = block->words.data();
      break;
  }
  return mapping;
}

RegisterBlock* SimulatedRegisters::block_of(Table table, std::uint16_t address, std::uint16_t count) {
  for (auto& block : blocks_[static_cast<std::size_t>(table)]) {
    if (address >= block.start && std::size_t{address} + count <= block.start + block.size()) return &block;
  }
  return nullptr;
}

void SimulatedRegisters::put(const Channel& channel, double raw) {
  const auto span = span_of(channel);
  const auto count = static_cast<std::uint16_t>(span.last - span.first + 1);
  auto* block = block_of(channel.table, channel.address, count);
  if (block == nullptr) return;
  const auto at = static_cast<std::size_t>(channel.address - block->start);
  if (is_bit_table(channel.table)) {
    block->bits[at] = raw != 0 ? 1 : 0;
    return;
  }
  auto& word = block->words[at];
  if (channel.type == Type::bit) {
    const auto mask = channel.mask.value_or(1);
    word = static_cast<std::uint16_t>(raw != 0 ? word | mask : word & ~mask);
    return;
  }
  std::array<std::uint16_t, 4> words{};
  encode(raw, channel.type, channel.order, std::span(words).first(width(channel.type)));
  std::copy_n(words.begin(), count, block->words.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace hazgate::modbus
