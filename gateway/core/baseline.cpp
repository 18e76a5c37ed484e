#include "core/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace hazgate::core {

static_assert(std::is_trivially_copyable_v<Baseline>);
static_assert(sizeof(Baseline) == 16 + 6 * 8 + 8 + 24 * (4 + 14 * 4), "no padding: its bytes are kept");

namespace {

constexpr double normal_mad = 0.6745;  ///< MAD of a normal distribution / its standard deviation

std::size_t slot(std::int64_t day) {
  constexpr std::int64_t n = Baseline::days_kept;
  return static_cast<std::size_t>(((day % n) + n) % n);
}

double median_of(std::span<const double> sorted) {
  const std::size_t n = sorted.size();
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/// The deviations grow from the middle outwards on both sides, so the smaller half of them is merged, not sorted again.
double mad_of(std::span<const double> sorted, double median) {
  const std::size_t n = sorted.size();
  std::size_t above = n / 2, below = n / 2;  // next ones: sorted[above], sorted[below - 1]
  double before = 0, newest = 0;
  for (std::size_t i = 0; i <= n / 2; ++i) {
    before = newest;
    const bool up = below == 0 || (above < n && sorted[above] - median < median - sorted[below - 1]);
    newest = up ? sorted[above++] - median : median - sorted[--below];
  }
  return n % 2 == 1 ? newest : (before + newest) / 2;
}

double floored(const BaselineRule& rule, double median, double mad) {
  return std::max({mad, rule.least_spread * std::abs(median), rule.resolution});
}

}  // namespace

/// The finished hour takes the place of the same hour 14 days before.
void Baseline::close_hour() {
  if (count_ == 0) return;
  const auto mean = static_cast<float>(sum_ / count_);
  count_ = 0;
  sum_ = 0;
  if (!std::isfinite(mean)) return;
  const auto hour = static_cast<std::size_t>(now_.hour);
  Means& means = means_[hour];
  std::int32_t& newest = newest_day_[hour];
  const std::int64_t ahead = std::int64_t{now_.day} - newest;
  if (std::abs(ahead) >= days_kept) means.fill(none);
  for (std::int64_t skipped = 1; skipped < std::min<std::int64_t>(ahead, days_kept); ++skipped)
    means[slot(newest + skipped)] = none;
  if (ahead > 0 || ahead <= -days_kept) newest = now_.day;
  means[slot(now_.day)] = mean;
}

/// Median and MAD of the days before the one under way. A day that lies ahead (the clock was set back) is none of them,
/// nor is the running day, whose earlier hours are kept already.
Baseline::UsualHour Baseline::look_up(std::size_t hour) const {
  const Means& means = means_[hour];
  std::array<double, days_kept> past{};
  std::size_t n = 0;
  std::int64_t day = newest_day_[hour];
  for (std::size_t place = slot(day), i = 0; i < days_kept; ++i, --day) {
    const float mean = means[place];
    if (!std::isnan(mean) && day < now_.day && day >= std::int64_t{now_.day} - days_kept) past[n++] = mean;
    place = (place == 0 ? days_kept : place) - 1;
  }
  if (n == 0) return {};
  const std::span<double> known(past.data(), n);
  std::sort(known.begin(), known.end());
  const double median = median_of(known);
  return {.median = median, .mad = mad_of(known, median), .floor = no_value, .days = static_cast<int>(n)};
}

std::array<Baseline::UsualHour, 24> Baseline::hours(const BaselineRule& rule) const {
  std::array<UsualHour, 24> all{};
  for (std::size_t hour = 0; hour < all.size(); ++hour) {
    all[hour] = look_up(hour);
    if (all[hour].days > 0) all[hour].floor = floored(rule, all[hour].median, all[hour].mad);
  }
  return all;
}

void Baseline::begin_hour(LocalHour local) {
  const bool back = local.day < now_.day || (local.day == now_.day && local.hour < now_.hour);
  if (back) {  // what the clock said before is in doubt: the hour under way is not kept
    count_ = 0;
    sum_ = 0;
  }
  close_hour();
  now_ = local;
  const auto usual = look_up(static_cast<std::size_t>(now_.hour));
  median_ = usual.median;
  mad_ = usual.mad;
  days_ = usual.days;
}

/// Does the run of high scans go on with one at `at`?
bool Baseline::runs_on(const BaselineRule& rule, std::int64_t at) const {
  if (high_since_ == never || at < last_) return false;
  return rule.longest_gap == Duration{} || at - last_ <= rule.longest_gap.count();
}

double BaselineSign::value_at(double limit) const { return median + limit * mad / normal_mad; }

double Baseline::floor(const BaselineRule& rule) const { return floored(rule, median_, mad_); }

/// NaN while the history is too short, or where nothing ever varied and no floor is set.
double Baseline::robust_z(const BaselineRule& rule, double value) const {
  const double spread = floor(rule);
  const bool known = days_ > 0 && days_ >= rule.least_days && spread > 0;
  return known ? normal_mad * (value - median_) / spread : no_value;
}

/// The newest scan has the z that is set.
std::optional<BaselineSign> Baseline::sign(const BaselineRule& rule, Timestamp at) {
  const std::int64_t now = at.time_since_epoch().count();
  const bool high = z_ > rule.high_z;
  if (!high)
    high_since_ = never;
  else if (!runs_on(rule, now))
    high_since_ = now;
  last_ = now;
  if (std::isnan(z_)) return {};
  const std::int64_t running = high ? now - high_since_ : 0;
  return BaselineSign{.z = z_,
                      .median = median_,
                      .mad = floor(rule),
                      .days = static_cast<int>(days_),
                      .early = running > 0 && running >= rule.scan_interval.count(),
                      .since = high ? Timestamp{Duration{high_since_}} : Timestamp{}};
}

std::optional<BaselineSign> Baseline::add(const BaselineRule& rule, Timestamp at, LocalHour local, double value) {
  z_ = no_value;
  if (!std::isfinite(value) || local.hour < 0 || local.hour > 23) return {};
  if (local != now_) begin_hour(local);
  sum_ += value;
  ++count_;
  z_ = robust_z(rule, value);
  return sign(rule, at);
}

std::optional<BaselineSign> Baseline::add_at_least(const BaselineRule& rule, Timestamp at, LocalHour local,
                                                   double value) {
  z_ = no_value;
  if (!std::isfinite(value) || local.hour < 0 || local.hour > 23) return {};
  if (local != now_) begin_hour(local);
  const double z = robust_z(rule, value);
  if (!(z > rule.high_z)) return {};
  z_ = z;
  return sign(rule, at);
}

std::optional<Baseline> Baseline::from_bytes(std::span<const std::byte> bytes) {
  Baseline restored;
  if (bytes.size() != sizeof restored) return {};
  std::memcpy(static_cast<void*>(&restored), bytes.data(), sizeof restored);
  if (restored.version_ != this_version || restored.now_.hour < -1 || restored.now_.hour > 23) return {};
  if (restored.now_.hour < 0 && restored.count_ > 0) return {};
  if (restored.days_ < 0 || restored.days_ > days_kept) return {};
  return restored;
}

}  // namespace hazgate::core
