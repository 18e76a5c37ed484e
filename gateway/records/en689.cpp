// EN 689:2018: which test decides, and what it decides.
#include <algorithm>

#include "records/statistics_parts.hpp"

namespace hazgate::records {

double preliminary_share(std::size_t n) {
  if (n <= 3) return 0.1;
  return n == 4 ? 0.15 : 0.2;
}

namespace {

constexpr std::size_t least_for_statistical_test = 6;

Compliance preliminary_test(std::span<const Observation> rising, double limit) {
  const auto over = [&](const Observation& o) { return !o.below_loq && o.value > limit; };
  if (std::ranges::any_of(rising, over)) return Compliance::non_compliance;
  const bool all_below = share_of(rising.back().value, limit) < preliminary_share(rising.size());
  return all_below ? Compliance::compliance : Compliance::no_decision;
}

bool fits(const GroupStatistics& s) {
  const auto& figure = s.distribution == Distribution::normal ? s.fit.normal : s.fit.log_normal;
  return !figure || figure->plausible();
}

/// The tests that the number of results allows, each for itself.
void apply_tests(En689& e, const GroupStatistics& s, std::span<const Observation> rising, const Basis& basis) {
  const bool enough = s.n >= least_for_statistical_test;
  if (!basis.is_level && s.n >= 3 && (!enough || s.method == Method::none)) {
    e.preliminary = preliminary_test(rising, *basis.limit);
  }
  if (!enough || !s.exceedance) return;
  const Exceedance& x = *s.exceedance;
  const bool passed = x.u_r ? *x.u_r >= x.u_t : x.f == 0;
  e.statistical = passed ? Compliance::compliance : Compliance::non_compliance;
}

void decide(En689& e, const GroupStatistics& s) {
  if (e.preliminary == Compliance::compliance) {
    e.ground = Ground::preliminary_test;
    e.decision = Compliance::compliance;
  } else if (s.n < least_for_statistical_test) {
    e.ground = Ground::too_few_results;
    e.more_results = (s.n < 3 && s.distribution != Distribution::normal ? 3 : least_for_statistical_test) - s.n;
  } else if (!e.statistical) {
    e.ground = Ground::too_few_detected;
  } else if (!fits(s)) {
    e.ground = Ground::no_distribution;
  } else {
    e.ground = Ground::statistical_test;
    e.decision = *e.statistical;
  }
}

}  // namespace

En689 en689(const GroupStatistics& s, std::span<const Observation> rising, const Basis& basis) {
  En689 e{.ground = rising.empty() ? Ground::no_results : Ground::no_limit};
  if (rising.empty() || !basis.limit) return e;
  const auto above = [&](const Observation& o) { return o.value > *basis.limit; };
  const auto detected_above = [&](const Observation& o) { return !o.below_loq && above(o); };
  e.above_limit = static_cast<std::size_t>(std::ranges::count_if(rising, detected_above));
  apply_tests(e, s, rising, basis);
  if (e.above_limit > 0) {
    e.ground = Ground::above_limit;
    e.decision = Compliance::non_compliance;
  } else if (std::ranges::any_of(rising, above)) {
    e.ground = Ground::loq_above_limit;
  } else {
    decide(e, s);
  }
  return e;
}

int aiha_category(double ratio) {
  if (ratio <= 0.01) return 0;
  if (ratio < 0.10) return 1;
  if (ratio <= 0.50) return 2;
  return ratio <= 1 ? 3 : 4;
}

int months_to_next(double ratio) {
  if (ratio < 0.1) return 36;
  if (ratio < 0.25) return 24;
  return ratio <= 0.5 ? 18 : 12;
}

}  // namespace hazgate::records
