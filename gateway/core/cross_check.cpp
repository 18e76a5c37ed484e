#include "core/cross_check.hpp"

#include <algorithm>
#include <cmath>

#include "core/exposure.hpp"
#include "core/exposure_rules.hpp"

namespace hazgate::core {

CrossCheck::CrossCheck(const CrossCheckRule& rule, std::array<Duration, 2> periods)
    : rule_(rule),
      sides_{{{.window = {rule.window, periods[0]}, .period = periods[0]},
              {.window = {rule.window, periods[1]}, .period = periods[1]}}} {}

void CrossCheck::add(std::size_t side, Timestamp at, const Sample& sample) {
  auto& s = sides_[side];
  const bool first = s.last == Timestamp{};
  const auto from = std::max(first ? at - s.period : s.last, at - longest_cover_periods * s.period);
  s.last = at;
  if (enters_averages(sample.flag)) {
    s.window.add(from, at, rule_.energy_mean ? to_energy(sample.value) : sample.value);
  }
}

bool CrossCheck::apart() const {
  const auto [lesser, greater] = std::minmax(means_[0], means_[1]);
  const bool by_ratio = !rule_.ratio || greater > *rule_.ratio * lesser;
  const bool by_difference = !rule_.difference || greater - lesser > *rule_.difference;
  return by_ratio && by_difference;
}

bool CrossCheck::judge(Timestamp now) {
  for (std::size_t side = 0; side < sides_.size(); ++side) {
    const auto figure = sides_[side].window.at(now);
    if (figure.coverage < least_coverage) return false;
    means_[side] = rule_.energy_mean ? to_level(figure.mean) : figure.mean;
  }
  if (rule_.above && std::max(means_[0], means_[1]) <= *rule_.above) return false;
  if (apart()) {
    disagree_ = true;
    agree_since_.reset();
  } else if (disagree_) {
    if (!agree_since_ || now < *agree_since_) agree_since_ = now;
    disagree_ = now - *agree_since_ < rule_.window;
  }
  return true;
}

void CrossCheck::save(StateWriter& to) const {
  for (const auto& side : sides_) {
    side.window.save(to);
    to.put(side.last);
  }
  to.put(means_);
  to.put(agree_since_.value_or(Timestamp{}));
  to.put(disagree_);
}

bool CrossCheck::load(std::span<const std::byte> state) {
  CrossCheck loaded(rule_, {sides_[0].period, sides_[1].period});
  StateReader from(state);
  for (auto& side : loaded.sides_) {
    side.window.load(from);
    from.get(side.last);
  }
  Timestamp agree_since;
  from.get(loaded.means_);
  from.get(agree_since);
  from.get(loaded.disagree_);
  loaded.agree_since_ = agree_since == Timestamp{} ? std::nullopt : std::optional(agree_since);
  if (!from.complete()) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace hazgate::core
