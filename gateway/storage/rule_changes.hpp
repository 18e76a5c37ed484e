// What points are judged by, and how that changed: old, new, who and when, for ever.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/reading.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// One rule in words: of which point, or "alarm" for what holds for all; which one; what it says; and whose point it
/// is,
/// "" where it holds for all.
struct RuleText {
  std::string subject, rule, text, enterprise;
};
struct RuleChange {
  std::string subject, rule, enterprise;
  std::optional<std::string> before, after;  ///< none where there was, or is, no such rule
};

/// Inside the caller's transaction: compares with what was recorded last and appends a row for each difference. In a
/// new file every rule is one: it had nothing before. Throws StoreError.
std::vector<RuleChange> record_rules(Database& database, std::span<const RuleText> rules, const std::string& who,
                                     core::Timestamp now);

}  // namespace hazgate::storage
