// A reading: which point, when, how much in the point's canonical unit, and how far to trust it.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/doubt.hpp"

namespace hazgate::core {

/// UTC, microseconds since 1970.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;
/// Whole seconds come out exactly. Not by a division, of which a reading would take a dozen.
constexpr double in_seconds(Duration d) { return 1e-6 * static_cast<double>(d.count()); }

/// Dense numbers, given once at start from the configuration; text ids never travel with a reading.
enum class PointIndex : std::uint32_t {};
enum class DeviceIndex : std::uint32_t {};
enum class WorkplaceIndex : std::uint32_t {};
enum class EnterpriseIndex : std::uint32_t {};
enum class AgentIndex : std::uint32_t {};
enum class BusIndex : std::uint32_t {};
template <class Index>
constexpr std::size_t at(Index index) {
  return static_cast<std::size_t>(index);
}

/// The letters of HJ 212-2017 table 8, and L for "below the quantification limit".
enum class Flag : char {
  normal = 'N',
  over_range = 'T',
  device_fault = 'D',
  link_lost = 'B',
  calibrating = 'C',
  maintenance = 'M',
  stopped = 'F',
  by_hand = 'S',
  below_loq = 'L'
};
std::optional<Flag> flag_from(char letter);

/// N, S and L enter averages; nothing else does.
constexpr bool enters_averages(Flag flag) {
  return flag == Flag::normal || flag == Flag::by_hand || flag == Flag::below_loq;
}
/// T is an exceedance of unknown height: it raises alarms though it enters no average.
constexpr bool judges_alarms(Flag flag) { return enters_averages(flag) || flag == Flag::over_range; }

/// NaN where there is nothing to show (link lost, device fault without a number).
inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
/// no_value is no_value.
inline bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

struct Reading {
  PointIndex point{};
  Timestamp at;
  double value = no_value;  ///< in the point's canonical unit
  Flag flag = Flag::normal;
};

/// One value of a device's poll; its point follows from its place in the frame.
struct Sample {
  double value = no_value;
  Flag flag = Flag::normal;
  Doubt doubt = Doubt::none;
};
static_assert(sizeof(Sample) == 16);  // batches and queues hold hundreds of thousands of them

/// A poll is sound when none of its samples is the device's or the link's fault. Flags alone decide: frames of before
/// doubts were stored tell the same.
constexpr bool sound(Flag flag) { return flag != Flag::device_fault && flag != Flag::link_lost; }

}  // namespace hazgate::core
