// What points are judged by, and how that changed: old, new, who and when, for ever.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/reading.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// One rule in words: of which point, or "alarm" for what holds for all; which one; what it says.
struct RuleText {
  std::string subject, rule, text;
};

/// Compares with what was recorded last and appends a row for each difference, in a transaction of its own; gives
/// their number. In a new file every rule is one: it had nothing before. Throws StoreError.
std::size_t record_rules(Database& database, std::span<const RuleText> rules, const std::string& who,
                         core::Timestamp now);

}  // namespace hazgate::storage
