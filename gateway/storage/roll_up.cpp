#include "storage/roll_up.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/exposure_rules.hpp"

namespace hazgate::storage {

namespace {

constexpr std::size_t most_minutes = 1U << 16U;

/// From the harmless to the worst.
constexpr std::string_view flags_by_weight = "NSLFMCBDT";
core::Flag worse(core::Flag a, core::Flag b) {
  const auto weight = [](core::Flag flag) { return flags_by_weight.find(static_cast<char>(flag)); };
  return weight(a) < weight(b) ? b : a;
}

template <class Get>
std::vector<double> values_of(std::span<const Minute> minutes, Get get) {
  std::vector<double> values;
  for (const Minute& minute : minutes) values.push_back(get(minute.figures));
  return values;
}

}  // namespace

void RollUpSum::add(double value, core::Flag flag) {
  worst_ = worse(worst_, flag);
  if (!core::enters_averages(flag) || std::isnan(value)) {
    ++others_;
    return;
  }
  least_ = counted_ == 0 ? value : std::min(least_, value);
  greatest_ = counted_ == 0 ? value : std::max(greatest_, value);
  sum_ += levels_ ? core::to_energy(value) : value;
  ++counted_;
}

void RollUpSum::add(const RollUp& part) {
  worst_ = worse(worst_, part.worst);
  others_ += part.others;
  if (part.counted == 0) return;
  least_ = counted_ == 0 ? part.least : std::min(least_, part.least);
  greatest_ = counted_ == 0 ? part.greatest : std::max(greatest_, part.greatest);
  sum_ += (levels_ ? core::to_energy(part.mean) : part.mean) * static_cast<double>(part.counted);
  counted_ += part.counted;
}

RollUp RollUpSum::get() const {
  RollUp figures{.counted = counted_, .others = others_, .worst = worst_};
  if (counted_ == 0) return figures;
  figures.least = least_;
  figures.greatest = greatest_;
  const double mean = sum_ / static_cast<double>(counted_);
  figures.mean = levels_ ? core::to_level(mean) : mean;
  return figures;
}

std::vector<std::byte> encode_minutes(std::span<const Minute> minutes, Scale hint) {
  std::vector<std::byte> bytes;
  ByteWriter to(bytes);
  to.number(minutes.size());
  std::int64_t last = 0;
  for (const Minute& minute : minutes) {
    to.signed_number(minute.number - last);
    last = minute.number;
    to.number(minute.figures.counted);
    to.number(minute.figures.others);
    to.byte(static_cast<std::uint8_t>(minute.figures.worst));
  }
  encode_values(values_of(minutes, [](const RollUp& f) { return f.least; }), hint, to);
  encode_values(values_of(minutes, [](const RollUp& f) { return f.greatest; }), hint, to);
  encode_values(values_of(minutes, [](const RollUp& f) { return static_cast<double>(static_cast<float>(f.mean)); }), {},
                to);
  return bytes;
}

namespace {
bool heads_from(ByteReader& from, std::vector<Minute>& minutes) {
  std::int64_t last = 0;
  for (Minute& minute : minutes) {
    last =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(last) + static_cast<std::uint64_t>(from.signed_number()));
    minute.number = last;
    minute.figures.counted = from.number();
    minute.figures.others = from.number();
    const auto flag = core::flag_from(static_cast<char>(from.byte()));
    if (!from.good() || !flag) return false;
    minute.figures.worst = *flag;
  }
  return true;
}
}  // namespace

std::optional<std::vector<Minute>> minutes_from(std::span<const std::byte> blob) {
  ByteReader from(blob);
  const auto count = from.number();
  if (!from.good() || count > most_minutes || count > blob.size()) return std::nullopt;
  std::vector<Minute> minutes(static_cast<std::size_t>(count));
  if (!heads_from(from, minutes)) return std::nullopt;
  for (double RollUp::*figure : {&RollUp::least, &RollUp::greatest, &RollUp::mean}) {
    const auto values = values_from(from, minutes.size());
    if (!values) return std::nullopt;
    for (std::size_t i = 0; i < minutes.size(); ++i) minutes[i].figures.*figure = (*values)[i];
  }
  return from.at_end() ? std::optional(std::move(minutes)) : std::nullopt;
}

std::vector<std::byte> encode_points(std::span<const std::vector<Minute>> points) {
  std::vector<std::byte> bytes;
  ByteWriter to(bytes);
  for (const auto& minutes : points) {
    const auto one = encode_minutes(minutes);
    to.number(one.size());
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

std::optional<std::vector<Minute>> minutes_of_point(std::span<const std::byte> blob, std::size_t place) {
  ByteReader from(blob);
  for (std::size_t i = 0; i < place; ++i) from.bytes(static_cast<std::size_t>(from.number()));
  const auto one = from.bytes(static_cast<std::size_t>(from.number()));
  return from.good() ? minutes_from(one) : std::nullopt;
}

std::vector<std::byte> encode_ids(std::span<const std::int64_t> ids) {
  std::vector<std::byte> bytes;
  ByteWriter to(bytes);
  std::int64_t last = 0;
  for (const auto id : ids) {
    to.signed_number(id - last);
    last = id;
  }
  return bytes;
}

std::optional<std::vector<std::int64_t>> ids_from(std::span<const std::byte> blob) {
  ByteReader from(blob);
  std::vector<std::int64_t> ids;
  for (std::uint64_t last = 0; !from.at_end();) {
    last += static_cast<std::uint64_t>(from.signed_number());
    if (!from.good()) return std::nullopt;
    ids.push_back(static_cast<std::int64_t>(last));
  }
  return ids;
}

}  // namespace hazgate::storage
