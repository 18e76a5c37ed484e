#include "drivers/registers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace hazgate::modbus {
namespace {

template <class Key>
struct Named {
  Key key;
  std::string_view name;
};
constexpr std::array<Named<Table>, 4> tables{
    {{Table::coil, "coil"}, {Table::discrete, "discrete"}, {Table::input, "input"}, {Table::holding, "holding"}}};
constexpr std::array<Named<Type>, 9> types{{{Type::uint16, "uint16"},
                                            {Type::int16, "int16"},
                                            {Type::uint32, "uint32"},
                                            {Type::int32, "int32"},
                                            {Type::uint64, "uint64"},
                                            {Type::int64, "int64"},
                                            {Type::float32, "float32"},
                                            {Type::float64, "float64"},
                                            {Type::bit, "bit"}}};
constexpr std::array<Named<WordOrder>, 4> orders{
    {{WordOrder::abcd, "ABCD"}, {WordOrder::cdab, "CDAB"}, {WordOrder::badc, "BADC"}, {WordOrder::dcba, "DCBA"}}};

template <class Key, std::size_t N>
std::optional<Key> key_of(const std::array<Named<Key>, N>& names, std::string_view name) {
  const auto* found = std::ranges::find(names, name, &Named<Key>::name);
  return found == names.end() ? std::nullopt : std::optional<Key>(found->key);
}
template <class Key, std::size_t N>
std::string_view name_of(const std::array<Named<Key>, N>& names, Key key) {
  return names[static_cast<std::size_t>(key)].name;
}

constexpr bool low_word_first(WordOrder order) { return order == WordOrder::cdab || order == WordOrder::dcba; }
constexpr bool swaps_bytes(WordOrder order) { return order == WordOrder::badc || order == WordOrder::dcba; }
constexpr std::uint16_t swapped(std::uint16_t word) { return static_cast<std::uint16_t>(word << 8 | word >> 8); }

/// The value's bits, most significant word first.
std::uint64_t gather(std::span<const std::uint16_t> words, WordOrder order) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint16_t word = words[low_word_first(order) ? words.size() - 1 - i : i];
    bits = bits << 16 | (swaps_bytes(order) ? swapped(word) : word);
  }
  return bits;
}

void spread(std::uint64_t bits, WordOrder order, std::span<std::uint16_t> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = static_cast<std::uint16_t>(bits >> (16 * (words.size() - 1 - i)));
    words[low_word_first(order) ? words.size() - 1 - i : i] = swaps_bytes(order) ? swapped(word) : word;
  }
}

template <class Integer>
std::uint64_t to_integer(double value) {
  using Limits = std::numeric_limits<Integer>;
  Integer nearest = 0;
  // The limits of 64 bits are not doubles: their neighbours are, and compare rightly.
  if (value >= static_cast<double>(Limits::max())) {
    nearest = Limits::max();
  } else if (value <= static_cast<double>(Limits::min())) {
    nearest = Limits::min();
  } else if (!std::isnan(value)) {
    nearest = static_cast<Integer>(std::round(value));
  }
  return static_cast<std::make_unsigned_t<Integer>>(nearest);
}

float to_float(double value) {
  constexpr double top = std::numeric_limits<float>::max();
  return static_cast<float>(std::isinf(value) || std::isnan(value) ? value : std::clamp(value, -top, top));
}

}  // namespace

std::optional<Table> table_from(std::string_view name) { return key_of(tables, name); }
std::optional<Type> type_from(std::string_view name) { return key_of(types, name); }
std::optional<WordOrder> word_order_from(std::string_view name) { return key_of(orders, name); }
std::string_view name(Table table) { return name_of(tables, table); }
std::string_view name(Type type) { return name_of(types, type); }
std::string_view name(WordOrder order) { return name_of(orders, order); }

std::uint16_t width(Type type) {
  switch (type) {
    case Type::uint32:
    case Type::int32:
    case Type::float32:
      return 2;
    case Type::uint64:
    case Type::int64:
    case Type::float64:
      return 4;
    case Type::uint16:
    case Type::int16:
    case Type::bit:
      break;
  }
  return 1;
}

double decode(std::span<const std::uint16_t> words, Type type, WordOrder order) {
  const std::uint64_t bits = gather(words.first(width(type)), order);
  switch (type) {
    case Type::uint16:
    case Type::uint32:
    case Type::uint64:
      return static_cast<double>(bits);
    case Type::int16:
      return static_cast<std::int16_t>(bits);
    case Type::int32:
      return static_cast<std::int32_t>(bits);
    case Type::int64:
      return static_cast<double>(static_cast<std::int64_t>(bits));
    case Type::float32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case Type::float64:
      return std::bit_cast<double>(bits);
    case Type::bit:
      break;
  }
  return bits != 0 ? 1 : 0;
}

void encode(double value, Type type, WordOrder order, std::span<std::uint16_t> words) {
  std::uint64_t bits = 0;
  switch (type) {
    case Type::uint16:
      bits = to_integer<std::uint16_t>(value);
      break;
    case Type::int16:
      bits = to_integer<std::int16_t>(value);
      break;
    case Type::uint32:
      bits = to_integer<std::uint32_t>(value);
      break;
    case Type::int32:
      bits = to_integer<std::int32_t>(value);
      break;
    case Type::uint64:
      bits = to_integer<std::uint64_t>(value);
      break;
    case Type::int64:
      bits = to_integer<std::int64_t>(value);
      break;
    case Type::float32:
      bits = std::bit_cast<std::uint32_t>(to_float(value));
      break;
    case Type::float64:
      bits = std::bit_cast<std::uint64_t>(value);
      break;
    case Type::bit:
      words[0] = value != 0 && !std::isnan(value) ? 1 : 0;
      return;
  }
  spread(bits, order, words.first(width(type)));
}

}  // namespace hazgate::modbus
