// Pure: where a request ends, and what a fault makes of an answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "drivers/simulator.hpp"

namespace hazgate::modbus {

enum class Framing { tcp, rtu };

/// Length of the request that these bytes start with; 0: more bytes are needed to know or to complete it; empty: no
/// request starts so.
std::optional<std::size_t> request_length(Framing framing, std::span<const std::uint8_t> bytes);
/// Unit that a complete request is addressed to.
std::uint8_t unit_of(Framing framing, std::span<const std::uint8_t> request);

/// A part of an answer and how long after the request it goes out.
struct Piece {
  std::chrono::milliseconds after{0};
  std::vector<std::uint8_t> bytes;
  friend bool operator==(const Piece&, const Piece&) = default;
};
/// What is sent in place of `answer` (a whole frame as libmodbus made it).
std::vector<Piece> misbehave(const FaultWindow& fault, Framing framing, std::vector<std::uint8_t> answer,
                             std::mt19937& random);

}  // namespace hazgate::modbus
