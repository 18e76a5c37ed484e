// config/limits/duties.csv: how often an agent's duties come round, by what is known of the post. A site may change its
// rows.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/duty.hpp"
#include "core/exposure_rules.hpp"
#include "core/grading.hpp"
#include "settings/problem.hpp"

namespace hazgate::settings {

/// What is known of a post. A row that asks for what is not known does not fit.
struct DutyCondition {
  std::optional<core::ExposureClass> exposure_class;
  std::optional<double> lex_8h;  ///< dB(A)
  /// Leave out one that is provisional: work whose grade is not valid is treated as II and above, the stricter row.
  ///                                                                                        GBZ 188-2025 A.10
  std::optional<core::Grade> grade;
};

class DutyTable {
 public:
  /// From the first of the folders that has limits/duties.csv. Strict; a row that is wrong gives a Problem and no rule.
  static DutyTable read(const std::vector<std::filesystem::path>& folders, Problems& problems);

  /// The first row of the file that fits. Empty where none does, or where the one that does says "none": not required.
  std::optional<core::DutyRule> rule(core::DutyKind kind, std::string_view agent, const DutyCondition& condition) const;

 private:
  enum class Figure { always, exposure_class, lex_8h, grade };
  enum class Comparison { less, at_most, equal, at_least, greater };
  struct When {
    Figure figure = Figure::always;
    Comparison comparison{};
    double bound = 0;  ///< dB(A), or the enumerator of a class or grade
    bool fits(const DutyCondition& condition) const;
  };
  struct Row {
    std::vector<std::string> agents;  ///< whole words, or beginnings that end in *
    When when;
    bool required = true;
    core::DutyRule rule;
    bool names(std::string_view agent) const;
  };
  class Reader;

  std::vector<Row> rows_;
};

}  // namespace hazgate::settings
