// Pure: 16-bit words to numbers and back. Our own code on both sides: libmodbus 3.1.6's float helpers do not
// round-trip.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hazgate::modbus {

/// The four tables of the Modbus application protocol; functions 01, 02, 04, 03 read them.
enum class Table : std::uint8_t { coil, discrete, input, holding };
enum class Type : std::uint8_t { uint16, int16, uint32, int32, uint64, int64, float32, float64, bit };
/// Order of the bytes on the wire; A is the most significant. 64-bit values repeat the pattern
/// (ABCD: ABCDEFGH, CDAB: GHEFCDAB, BADC: BADCFEHG, DCBA: HGFEDCBA).
enum class WordOrder : std::uint8_t { abcd, cdab, badc, dcba };

std::optional<Table> table_from(std::string_view name);           // "coil" | "discrete" | "input" | "holding"
std::optional<Type> type_from(std::string_view name);             // "uint16" …
std::optional<WordOrder> word_order_from(std::string_view name);  // "ABCD" …
std::string_view name(Table table);
std::string_view name(Type type);
std::string_view name(WordOrder order);

/// Words (or bits, for `bit`) that a value takes: 1, 2 or 4.
std::uint16_t width(Type type);
constexpr bool is_bit_table(Table table) { return table == Table::coil || table == Table::discrete; }

/// `words` has width(type) items, as read (each already in host order). A bit is 0 or 1. Integers above 2^53 lose
/// their last digits.
double decode(std::span<const std::uint16_t> words, Type type, WordOrder order);
/// The inverse: nearest representable, saturating at the type's range; NaN becomes 0 for integer types.
void encode(double value, Type type, WordOrder order, std::span<std::uint16_t> words);

}  // namespace hazgate::modbus
