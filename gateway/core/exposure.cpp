#include "core/exposure.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace hazgate::core {

std::string_view name(Breach breach) {
  static constexpr std::array<std::string_view, all_breaches.size()> words{
      "MAC", "PC-TWA", "PC-STEL", "PE-3x", "PE-5x", "LEX_8h", "LEX_40h", "MIXTURE", "PEAK", "WBGT"};
  return words.at(static_cast<std::size_t>(breach));
}

std::string_view name(Verdict verdict) {
  static constexpr std::array<std::string_view, 4> words{"compliant", "exceeds", "insufficient", "no_limit"};
  return words.at(static_cast<std::size_t>(verdict));
}

void judge_mean(Exposure& e) {
  const bool known = enough(e.time.known(), e.time.elapsed());
  const bool proven = e.time.measured > 0 && enough(e.time.measured, e.time.elapsed()) && !e.at_least;
  const bool above = exceeds(e.twa_so_far, e.limit);
  e.twa = e.final && proven ? e.twa_so_far : no_value;
  e.breaches = {};
  if (known && above) e.breaches.add(Breach::wbgt);
  e.verdict = e.breaches.any() ? Verdict::exceeds : proven ? Verdict::compliant : Verdict::insufficient;
}

Exposure ended_with_gap(Exposure e, bool levels) {
  e.time.missing += std::max(0.0, in_seconds(e.window.end - e.at));
  if (e.limit_at && *e.limit_at > e.at) e.limit_at.reset();  // a forecast
  e.at = e.window.end;
  e.final = true;
  e.twa_projected = no_value;
  if (e.rule == TwaRule::mean) {
    judge_mean(e);
    return e;
  }
  const bool enough = e.time.coverage() >= least_coverage && !e.at_least;
  if (!enough) {
    if (e.verdict == Verdict::compliant) e.verdict = Verdict::insufficient;
    return e;
  }
  if (!std::isfinite(e.twa_so_far)) return e;                // nothing was found
  const double filled = e.time.elapsed() / e.time.measured;  // the gaps as the mean of what was measured
  e.twa = levels ? e.twa_so_far + to_level(filled) : e.twa_so_far * filled;
  const bool by_week = e.rule == TwaRule::h40 || e.rule == TwaRule::week;
  if (by_week || !std::isfinite(e.limit)) return e;
  if (exceeds(e.twa, e.limit)) {
    e.breaches.add(levels ? Breach::lex_8h : Breach::pc_twa);
    e.verdict = Verdict::exceeds;
  }
  if (!levels) {
    e.ratio = e.twa / e.limit;
    e.exposure_class = exposure_class(e.ratio);
  }
  return e;
}

}  // namespace hazgate::core
