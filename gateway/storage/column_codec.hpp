// A column of numbers as bytes, lossless: whatever bits a value has come back. Most values of an instrument are a whole
// number or a float times a scale; then the differences of those are kept, as small as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/bytes.hpp"

namespace hazgate::storage {

/// What the instrument's raw number was made a value with: raw * factor + offset. A hint; a wrong one costs bytes only.
struct Scale {
  double factor = 1, offset = 0;
};

void encode_values(std::span<const double> values, Scale hint, ByteWriter to);
/// `count` of them. Empty for what encode_values() cannot have written.
std::optional<std::vector<double>> values_from(ByteReader& from, std::size_t count);

/// Whole numbers that lie near each other; not their differences.
void encode_integers(std::span<const std::int64_t> numbers, ByteWriter to);
std::optional<std::vector<std::int64_t>> integers_from(ByteReader& from, std::size_t count);

}  // namespace hazgate::storage
