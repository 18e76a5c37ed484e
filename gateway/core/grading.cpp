#include "core/grading.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/exposure_rules.hpp"

namespace hazgate::core {

namespace {

template <class Enum, std::size_t Size>
std::string_view word(const std::array<std::string_view, Size>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

constexpr bool measured(std::optional<double> value) {
  return value && *value >= 0 && *value < std::numeric_limits<double>::infinity();
}

constexpr bool reaches(double value, double bound) { return !exceeds(bound, value); }

double w_d(Toxicity toxicity) {
  static constexpr std::array weights{1.0, 2.0, 4.0, 8.0};
  return weights.at(static_cast<std::size_t>(toxicity));
}

/// The bands meet as those of the silica rows do.
double w_m(double sio2_percent) {
  if (sio2_percent < 10) return 1;
  if (sio2_percent <= 50) return 2;
  return sio2_percent <= 80 ? 3 : 4;
}

double w_b(double ratio) { return exceeds(ratio, 0.5) ? ratio : 0; }

double w_l(WorkClass work) {
  static constexpr std::array weights{1.0, 1.5, 2.0, 2.5};
  return weights.at(static_cast<std::size_t>(work));
}

/// The grade whose upper bound is the first not exceeded; the one after the last bound otherwise.
template <std::size_t Size>
Grade up_to(const std::array<double, Size>& bounds, double value, Grade lowest) {
  const auto bound = std::ranges::find_if(bounds, [&](double b) { return !exceeds(value, b); });
  return static_cast<Grade>(static_cast<std::ptrdiff_t>(lowest) + (bound - bounds.begin()));
}

/// Only the third grade has no higher one.
Grade one_up(Grade grade) { return grade < Grade::grade_3 ? static_cast<Grade>(static_cast<int>(grade) + 1) : grade; }

}  // namespace

std::string_view name(Grade grade) {
  static constexpr std::array<std::string_view, 7> words{"none", "0", "I", "II", "III", "IV", "V"};
  return word(words, grade);
}

std::string_view name(WorkClass work) {
  static constexpr std::array<std::string_view, 4> words{"I", "II", "III", "IV"};
  return word(words, work);
}

std::string_view name(Toxicity toxicity) {
  static constexpr std::array<std::string_view, 4> words{"light", "moderate", "high", "extreme"};
  return word(words, toxicity);
}

std::optional<int> toxic_hazard_index(const ToxicCategories& c) {
  struct Part {
    std::optional<int> category;
    int weight;
  };
  const std::array parts{Part{c.acute_inhalation, 5}, Part{c.acute_dermal, 2}, Part{c.irritation, 3},
                         Part{c.sensitisation, 3},    Part{c.reproduction, 3}, Part{c.carcinogenicity, 5},
                         Part{c.spread, 3},           Part{c.accumulation, 1}};
  int sum = 0;
  for (const auto& part : parts) {
    if (!part.category || *part.category < 1 || *part.category > 5) return {};
    sum += part.weight * (5 - *part.category);
  }
  return sum;
}

Toxicity toxicity(int toxic_hazard_index) {
  if (toxic_hazard_index < 35) return Toxicity::light;
  if (toxic_hazard_index < 50) return Toxicity::moderate;
  return toxic_hazard_index < 65 ? Toxicity::high : Toxicity::extreme;
}

std::optional<WorkGrade> grade_chemical(const ChemicalWork& work) {
  if (!work.toxicity || !work.work || !work.raised || !measured(work.ratio)) return {};
  const GradeIndex index{w_d(*work.toxicity), w_b(*work.ratio), w_l(*work.work)};
  static constexpr std::array bounds{0.0, 6.0, 24.0};
  WorkGrade graded{up_to(bounds, index.g(), Grade::grade_0), index, "GBZ/T 229.2-2025, G = W_D W_B W_L", 'B', false};
  if (exceeds(*work.ratio, 1) && graded.grade < Grade::grade_2) {
    graded.grade = Grade::grade_2;
    graded.source = "GBZ/T 229.2-2025, B > 1: II at least";
  }
  if (const auto raised = one_up(graded.grade); *work.raised && raised != graded.grade)
    return WorkGrade{raised, index,
                     "GBZ/T 229.2-2025, one grade up: teratogenic, carcinogenic, mutagenic, sensitising or absorbed by "
                     "the skin (one transcription)",
                     'C', true};
  return graded;
}

std::optional<WorkGrade> grade_dust(const DustWork& work) {
  if (!work.work || !measured(work.ratio) || !measured(work.sio2_percent) || *work.sio2_percent > 100) return {};
  const GradeIndex index{w_m(*work.sio2_percent), w_b(*work.ratio), w_l(*work.work)};
  static constexpr std::array bounds{6.0, 16.0};
  const auto grade = index.g() > 0 ? up_to(bounds, index.g(), Grade::grade_2) : Grade::grade_0;
  if (exceeds(*work.ratio, 1)) return WorkGrade{grade, index, "GBZ/T 229.1-2025, G = W_M W_B W_L", 'B', false};
  return WorkGrade{grade, index, "GBZ/T 229.1-2025, G = W_M W_B W_L (bounds of grades 0 and I unclear)", 'B', true};
}

std::optional<WorkGrade> grade_noise(std::optional<double> lex_8h) {
  // No energy is -infinity, a level like any other.
  if (!lex_8h || !(*lex_8h < std::numeric_limits<double>::infinity())) return {};
  WorkGrade graded{.grade = Grade::none, .index = {}, .source = "GBZ/T 229.4-2012, by L_EX,8h (own knowledge)"};
  if (reaches(*lex_8h, 85)) graded.grade = Grade::grade_1;
  if (reaches(*lex_8h, 90)) graded.grade = Grade::grade_2;
  if (reaches(*lex_8h, 95)) graded.grade = Grade::grade_3;
  if (reaches(*lex_8h, 100)) graded.grade = Grade::grade_4;
  return graded;
}

std::optional<WorkGrade> grade_coal_dust(std::optional<double> c_15min) {
  if (!measured(c_15min)) return {};
  static constexpr std::array bounds{1.25, 2.5, 6.0, 16.0};
  return WorkGrade{up_to(bounds, *c_15min, Grade::grade_1), {}, "GBZ/T 342-2025 Table 1", 'A', false};
}

}  // namespace hazgate::core
