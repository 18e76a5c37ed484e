// What the statistics of a group mean, in one or two plain sentences.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>

#include "records/statistics_parts.hpp"

namespace hazgate::records {

namespace {

std::string percent(double fraction) {
  // As many decimals as it takes to see on which side of 5 % it lies.
  for (int decimals = fraction < 0.01 ? 2 : 1; decimals < 8; ++decimals) {
    std::string written = fmt::format("{:.{}f}", 100 * fraction, decimals);
    if (std::stod(written) != 5) return written;
  }
  return "5";
}

std::string results(std::size_t n) { return fmt::format("{} result{}", n, n == 1 ? "" : "s"); }

Text above_text(const GroupStatistics& s) {
  const std::size_t k = s.en689.above_limit;
  return {fmt::format("{} 个结果中有 {} 个超过限值。", s.n, k),
          fmt::format("{} of {} exceed{} the limit.", k, results(s.n), k == 1 ? "s" : "")};
}

Text too_few_text(const GroupStatistics& s, bool is_level) {
  const std::size_t more = s.en689.more_results;
  if (s.n < 3 || is_level) {
    const std::size_t least = s.n + more;
    const bool one = s.n == 1;
    return {
        fmt::format("共 {} 个结果，{}未超过限值；评定至少需要 {} 个，还差 {} 个。", s.n, one ? "" : "均", least, more),
        fmt::format("{}, {} above the limit; the test needs at least {}: {} more.", results(s.n), one ? "not" : "none",
                    least, more)};
  }
  const double share = preliminary_share(s.n);
  return {
      fmt::format("{} 个结果均未超过限值，但并非都低于限值的 {} 倍；统计检验还需 {} 个结果。", s.n, share, more),
      fmt::format("None of {} exceeds the limit, but not all are below {} of it; the statistical test needs {} more.",
                  results(s.n), share, more)};
}

Text unfit_text(const GroupStatistics& s, bool is_level) {
  Text kind{"既不符合对数正态分布，也不符合正态分布", "they follow neither a log-normal nor a normal distribution"};
  if (s.method == Method::ros) kind = {"不符合对数正态分布", "they do not follow a log-normal distribution"};
  if (is_level) kind = {"不符合正态分布", "they do not follow a normal distribution"};
  return {fmt::format("{} 个结果均未超过限值，但{}，统计检验不适用。", s.n, kind.zh),
          fmt::format("None of {} exceeds the limit, but {}, so that the statistical test does not apply.",
                      results(s.n), kind.en)};
}

Text verdict_text(const GroupStatistics& s) {
  if (!s.exceedance->u_r) {
    return {fmt::format("{} 个结果均未超过限值，且没有离散度。", s.n),
            fmt::format("None of {} exceeds the limit, and there is no spread between them.", results(s.n))};
  }
  const double f = s.exceedance->f_u70;
  if (s.en689.decision == Compliance::compliance) {
    const Text most = f < 1e-4 ? Text{"不到 0.01 %", "less than 0.01 %"}
                               : Text{fmt::format("至多 {} %", percent(f)), fmt::format("at most {} %", percent(f))};
    return {fmt::format("{} 个结果均未超过限值；以 70 % 的置信度，超限的班次少于 5 %（{}）。", s.n, most.zh),
            fmt::format("None of {} exceeds the limit; with 70 % confidence fewer than 5 % of shifts do ({}).",
                        results(s.n), most.en)};
  }
  return {fmt::format("{} 个结果均未超过限值，但以 70 % 的置信度，超限的班次可达 {} %，高于 5 %。", s.n, percent(f)),
          fmt::format("None of {} exceeds the limit, but with 70 % confidence up to {} % of shifts may, more than 5 %.",
                      results(s.n), percent(f))};
}

Text statistical_text(const GroupStatistics& s, bool is_level) {
  Text text = verdict_text(s);
  if (s.distribution == Distribution::normal && !is_level) {
    text.zh += "结果不符合对数正态分布，按正态分布计算。";
    text.en += " The log-normal distribution does not fit; the normal one was taken.";
  }
  if (s.method == Method::ros) {
    text.zh += fmt::format("其中 {} 个低于定量限，由次序统计量回归（ROS）估计。", s.below_loq);
    text.en += fmt::format(" {} below the quantification limit, estimated by regression on order statistics (ROS).",
                           s.below_loq == 1 ? "1 of them is" : fmt::format("{} of them are", s.below_loq));
  }
  return text;
}

Text ground_text(const GroupStatistics& s, bool is_level) {
  switch (s.en689.ground) {
    case Ground::no_results:
      return {"尚无结果。", "No results yet."};
    case Ground::no_limit:
      return {fmt::format("共 {} 个结果；没有限值，不作判定。", s.n),
              fmt::format("{}; without a limit there is no judgement.", results(s.n))};
    case Ground::above_limit:
      return above_text(s);
    case Ground::loq_above_limit:
      return {"有结果低于定量限，而该定量限高于限值：是否超限不可知。",
              "Some results are below a quantification limit that is itself above the limit: whether they exceed it is "
              "not known."};
    case Ground::preliminary_test: {
      const double share = preliminary_share(s.n);
      return {fmt::format("{} 个结果均低于限值的 {} 倍（初步检验）。", s.n, share),
              fmt::format("All {} are below {} of the limit (preliminary test).", results(s.n), share)};
    }
    case Ground::too_few_results:
      return too_few_text(s, is_level);
    case Ground::too_few_detected:
      return {fmt::format("{} 个结果均未超过限值，但只有 {} 个高于定量限，不足以作统计检验。", s.n, s.n - s.below_loq),
              fmt::format("None of {} exceeds the limit, but only {} above the quantification limit: too few for the "
                          "statistical test.",
                          results(s.n), s.n - s.below_loq == 1 ? "1 is" : fmt::format("{} are", s.n - s.below_loq))};
    case Ground::no_distribution:
      return unfit_text(s, is_level);
    case Ground::statistical_test:
      return statistical_text(s, is_level);
  }
  return {};
}

}  // namespace

Text meaning(const GroupStatistics& s, bool is_level) {
  Text text = ground_text(s, is_level);
  if (s.en689.ground == Ground::no_results || s.en689.ground == Ground::no_limit) return text;
  static constexpr std::array<std::string_view, 3> zh{"符合", "不符合", "无法判定"};
  static constexpr std::array<std::string_view, 3> en{"compliance", "non-compliance", "no decision"};
  const auto decision = static_cast<std::size_t>(s.en689.decision);
  text.zh += fmt::format("{}：{}。", is_level ? "参照 EN 689 的统计检验" : "EN 689", zh.at(decision));
  text.en += fmt::format(" {}: {}.", is_level ? "By the statistical test of EN 689" : "EN 689", en.at(decision));
  return text;
}

}  // namespace hazgate::records
