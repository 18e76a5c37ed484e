#include "core/advice.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace hazgate::core {

namespace {

/// How much of the word the row names; none where it is about another.
std::optional<std::size_t> exactness(std::string_view row, std::string_view subject) {
  if (row == subject) return std::numeric_limits<std::size_t>::max();
  if (!row.ends_with('*')) return std::nullopt;
  row.remove_suffix(1);
  return subject.starts_with(row) ? std::optional(row.size()) : std::nullopt;
}

}  // namespace

const Advice* advice_for(std::span<const Advice> all, std::string_view subject, Level level) {
  const Advice* best = nullptr;
  std::pair<std::size_t, Level> best_rank{};
  for (const auto& row : all) {
    const auto exact = exactness(row.subject, subject);
    if (!exact || row.level > level) continue;
    const std::pair rank{*exact, row.level};
    if (best && rank <= best_rank) continue;
    best = &row;
    best_rank = rank;
  }
  return best;
}

}  // namespace hazgate::core
