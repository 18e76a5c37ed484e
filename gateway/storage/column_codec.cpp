#include "storage/column_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace hazgate::storage {

namespace {

constexpr std::array<double, 7> powers_of_ten{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
constexpr double most_exact = 9007199254740992.0;  // 2^53: so far every whole number is a double

enum class Kind : std::uint8_t { decimal, whole, single, bits };
/// How values become whole numbers. decimal: k / 10^places. whole: k * factor + offset. single: the same of a float, by
/// the order of its bits. bits: those of the double, likewise.
struct Form {
  Kind kind = Kind::bits;
  std::uint8_t places = 0;
  Scale scale{};
};

/// Integers in the order of the floating-point numbers, so that neighbours differ by little.
template <class Integer>
constexpr Integer in_order(Integer bits) {
  constexpr auto most = static_cast<Integer>(~(Integer{1} << (sizeof(Integer) * 8 - 1)));
  return bits < 0 ? static_cast<Integer>(bits ^ most) : bits;
}

/// Not inlined, so that no compiler fuses it with the sum: writer and reader may be different programs.
[[gnu::noinline]] double product(double a, double b) { return a * b; }
double scaled(double raw, Scale scale) {
  return scale.offset == 0 ? raw * scale.factor : product(raw, scale.factor) + scale.offset;
}

double value_of(std::int64_t code, const Form& form) {
  switch (form.kind) {
    case Kind::decimal:
      return static_cast<double>(code) / powers_of_ten.at(form.places);
    case Kind::whole:
      return scaled(static_cast<double>(code), form.scale);
    case Kind::single:
      return scaled(std::bit_cast<float>(in_order(static_cast<std::int32_t>(code))), form.scale);
    case Kind::bits:
      break;
  }
  return std::bit_cast<double>(in_order(code));
}

std::int64_t code_of_single(float value) { return in_order(std::bit_cast<std::int32_t>(value)); }

/// The code that might give `value` again.
std::int64_t guess(double value, const Form& form) {
  const double raw = (value - form.scale.offset) / form.scale.factor;
  switch (form.kind) {
    case Kind::decimal: {
      const double k = std::nearbyint(value * powers_of_ten.at(form.places));
      return std::abs(k) < most_exact ? static_cast<std::int64_t>(k) : 0;
    }
    case Kind::whole: {
      const double k = std::nearbyint(raw);
      return std::abs(k) < most_exact ? static_cast<std::int64_t>(k) : 0;
    }
    case Kind::single:
      return std::abs(raw) < std::numeric_limits<float>::max() ? code_of_single(static_cast<float>(raw)) : 0;
    case Kind::bits:
      break;
  }
  return in_order(std::bit_cast<std::int64_t>(value));
}

bool alike(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
bool fits(double value, const Form& form) { return alike(value_of(guess(value, form), form), value); }

/// One value in sixteen may stand apart.
bool fits_most(std::span<const double> values, const Form& form) {
  std::size_t misfits = 0;
  const auto most = values.size() / 16;
  return std::ranges::none_of(
      values, [&](double value) { return !std::isnan(value) && !fits(value, form) && ++misfits > most; });
}

Form form_for(std::span<const double> values, Scale hint) {
  std::vector<Form> forms;
  for (std::size_t places = 0; places < powers_of_ten.size(); ++places)
    forms.push_back({Kind::decimal, static_cast<std::uint8_t>(places)});
  const bool usable = std::isfinite(hint.factor) && hint.factor != 0 && std::isfinite(hint.offset);
  if (usable) forms.insert(forms.begin() + 4, {Kind::whole, 0, hint});
  forms.push_back({Kind::single});
  if (usable) forms.push_back({Kind::single, 0, hint});
  const auto found = std::ranges::find_if(forms, [&](const Form& form) { return fits_most(values, form); });
  return found == forms.end() ? Form{} : *found;
}

/// Byte by byte of all numbers, the lowest first: what compresses well comes to lie together.
void write_planes(std::span<const std::uint64_t> numbers, ByteWriter to) {
  std::uint64_t all = 0;
  for (const auto number : numbers) all |= number;
  const auto planes = (static_cast<unsigned>(std::bit_width(all)) + 7) / 8;
  to.byte(static_cast<std::uint8_t>(planes));
  for (unsigned plane = 0; plane < planes; ++plane)
    for (const auto number : numbers) to.byte(static_cast<std::uint8_t>(number >> (8 * plane)));
}

std::optional<std::vector<std::uint64_t>> planes_from(ByteReader& from, std::size_t count) {
  const auto planes = from.byte();
  if (!from.good() || planes > 8) return std::nullopt;
  std::vector<std::uint64_t> numbers(count);
  for (unsigned plane = 0; plane < planes; ++plane) {
    const auto bytes = from.bytes(count);
    if (!from.good()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) numbers[i] |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * plane);
  }
  return numbers;
}

/// Values that are no number of the form, in runs of the same bits: how many others come before, how many they are.
struct Apart {
  std::uint64_t gap = 0, run = 0;
  double value = 0;
};

void write_form(const Form& form, ByteWriter to) {
  to.byte(static_cast<std::uint8_t>(form.kind));
  to.byte(form.places);
  if (form.kind != Kind::whole && form.kind != Kind::single) return;
  to.raw(form.scale.factor);
  to.raw(form.scale.offset);
}

std::optional<Form> form_from(ByteReader& from) {
  const auto kind = from.byte();
  Form form{.kind = static_cast<Kind>(kind), .places = from.byte()};
  if (kind > static_cast<std::uint8_t>(Kind::bits) || form.places >= powers_of_ten.size()) return std::nullopt;
  if (form.kind == Kind::whole || form.kind == Kind::single) {
    form.scale.factor = from.raw<double>();
    form.scale.offset = from.raw<double>();
  }
  return from.good() ? std::optional(form) : std::nullopt;
}

/// Differences may wrap around; unsigned arithmetic takes them back.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t total(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

void encode_values(std::span<const double> values, Scale hint, ByteWriter to) {
  const Form form = form_for(values, hint);
  std::vector<std::uint64_t> steps;
  std::vector<Apart> apart;
  steps.reserve(values.size());
  std::uint64_t gap = 0;
  std::int64_t last = 0, first = 0;
  for (const double value : values) {
    const auto code = guess(value, form);
    if (alike(value_of(code, form), value)) {
      if (steps.empty()) first = last = code;
      steps.push_back(zigzag(difference(code, last)));
      last = code;
      ++gap;
    } else if (gap == 0 && !apart.empty() && alike(apart.back().value, value)) {
      ++apart.back().run;
    } else {
      apart.push_back({.gap = gap, .run = 1, .value = value});
      gap = 0;
    }
  }
  write_form(form, to);
  to.number(apart.size());
  for (const Apart& one : apart) {
    to.number(one.gap);
    to.number(one.run);
    to.raw(one.value);
  }
  to.signed_number(first);
  write_planes(steps, to);
}

std::optional<std::vector<double>> values_from(ByteReader& from, std::size_t count) {
  const auto form = form_from(from);
  const auto runs = from.number();
  if (!form || !from.good() || runs > count) return std::nullopt;
  std::vector<Apart> apart;
  std::uint64_t met = 0, alone = 0;
  for (std::uint64_t i = 0; i < runs; ++i) {
    const Apart one{.gap = from.number(), .run = from.number(), .value = from.raw<double>()};
    if (!from.good() || one.gap > count - met || one.run > count - met - one.gap) return std::nullopt;
    met += one.gap + one.run;
    alone += one.run;
    apart.push_back(one);
  }
  auto code = from.signed_number();
  const auto steps = planes_from(from, count - alone);
  if (!steps) return std::nullopt;
  std::vector<double> values;
  values.reserve(count);
  auto step = steps->begin();
  const auto take = [&](std::uint64_t many) {
    for (std::uint64_t i = 0; i < many; ++i) {
      code = total(code, from_zigzag(*step++));
      values.push_back(value_of(code, *form));
    }
  };
  for (const Apart& one : apart) {
    take(one.gap);
    values.insert(values.end(), one.run, one.value);
  }
  take(static_cast<std::uint64_t>(steps->end() - step));
  return values;
}

void encode_integers(std::span<const std::int64_t> numbers, ByteWriter to) {
  std::vector<std::int64_t> sorted(numbers.begin(), numbers.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  if (!sorted.empty()) std::nth_element(sorted.begin(), middle, sorted.end());
  const std::int64_t usual = sorted.empty() ? 0 : *middle;
  std::vector<std::uint64_t> rest;
  rest.reserve(numbers.size());
  for (const auto number : numbers) rest.push_back(zigzag(difference(number, usual)));
  to.signed_number(usual);
  write_planes(rest, to);
}

std::optional<std::vector<std::int64_t>> integers_from(ByteReader& from, std::size_t count) {
  const auto usual = from.signed_number();
  const auto rest = planes_from(from, count);
  if (!rest) return std::nullopt;
  std::vector<std::int64_t> numbers;
  numbers.reserve(count);
  for (const auto one : *rest) numbers.push_back(total(usual, from_zigzag(one)));
  return numbers;
}

}  // namespace hazgate::storage
