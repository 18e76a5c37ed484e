// Grading of hazardous work and of respirable coal dust: what the standards make of a post's figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hazgate::core {

/// As the standards have them: chemicals 0..III, dust 0..IV, noise I..IV, coal dust I..V. `none`: below the lowest one
/// of a standard that has no 0.
enum class Grade : std::uint8_t { none, grade_0, grade_1, grade_2, grade_3, grade_4, grade_5 };
std::string_view name(Grade grade);  ///< "none", "0", "I", "II", "III", "IV", "V"

/// How heavy the work is.                                                                   GBZ 2.2-2007, Table 8
enum class WorkClass : std::uint8_t { class_1, class_2, class_3, class_4 };
std::string_view name(WorkClass work);  ///< "I", "II", "III", "IV"

/// Of a substance.                                                                           GBZ/T 230-2025 5.3
enum class Toxicity : std::uint8_t { light, moderate, high, extreme };
std::string_view name(Toxicity toxicity);  ///< "light", "moderate", "high", "extreme"

/// Categories 1 (worst) to 5 of one substance. What stands in for missing data is the caller's to decide by notes 1 and
/// 6: oral for inhalation; category 1 where accumulation, cancer, sensitisation or reproduction are unknown.
///                                                                                           GBZ/T 230-2025 Table 1
struct ToxicCategories {
  std::optional<int> acute_inhalation, acute_dermal, irritation, sensitisation;
  std::optional<int> reproduction, carcinogenicity, spread, accumulation;
};
/// THI = sum(k F), 0..100; F = 5 - category. Empty when a category is missing or is none.
///                                                                                           GBZ/T 230-2025 formula 1
std::optional<int> toxic_hazard_index(const ToxicCategories& categories);
/// A bound belongs to the class above it.                                                    GBZ/T 230-2025 5.3
Toxicity toxicity(int toxic_hazard_index);

/// What G = W W_B W_L is made of.
struct GradeIndex {
  double w_hazard = 0;  ///< W_D of a chemical, W_M of a dust
  double w_b = 0;       ///< of the exposure ratio B: 0 up to 0.5, B above
  double w_l = 0;       ///< of the work class: 1, 1.5, 2, 2.5
  double g() const { return w_hazard * w_b * w_l; }
  friend bool operator==(const GradeIndex&, const GradeIndex&) = default;
};

struct WorkGrade {
  Grade grade = Grade::none;
  std::optional<GradeIndex> index;  ///< where the standard has one
  std::string source;               ///< standard, and the words of the rule that decided
  char confidence = 'C';            ///< of that rule: 'A' read in its text, 'B' in a transcription, 'C' own knowledge
  bool provisional = true;          ///< confidence C, or the text leaves the boundary unclear: check before relying
  friend bool operator==(const WorkGrade&, const WorkGrade&) = default;
};

/// Nothing is assumed of what is missing, nor of a ratio that is negative or no number: there is no grade then.
struct ChemicalWork {
  std::optional<Toxicity> toxicity;  ///< extreme for a highly toxic substance, whatever its THI
  std::optional<WorkClass> work;
  std::optional<double> ratio;  ///< B, largest of C_TWA/PC-TWA, C_STE/PC-STEL, C_PE/(3 PC-TWA), C_ME/MAC
  std::optional<bool> raised;   ///< teratogenic, carcinogenic, mutagenic, sensitising or absorbed by the skin
};
/// 0: G = 0; I: G <= 6; II: G <= 24; III above. B > 1 makes it II at least. One grade up to at most III where `raised`;
/// that rule stands in a single transcription, so what it changes is of confidence C.        GBZ/T 229.2-2025
std::optional<WorkGrade> grade_chemical(const ChemicalWork& work);

struct DustWork {
  std::optional<double> sio2_percent;  ///< free SiO2, 0..100
  std::optional<WorkClass> work;
  std::optional<double> ratio;  ///< B = C_TWA/PC-TWA
};
/// 0: G = 0; II (light): G <= 6; III (moderate): G <= 16; IV (high) above. I is the action level; where it begins and
/// ends is unclear in the transcription, so it is never given, and whatever has B <= 1 is provisional.
///                                                                                           GBZ/T 229.1-2025
std::optional<WorkGrade> grade_dust(const DustWork& work);

/// By L_EX,8h in dB(A). none below 85; I below 90, II below 95, III below 100, IV from there. Always provisional.
///                                                                                           GBZ/T 229.4-2012
std::optional<WorkGrade> grade_noise(std::optional<double> lex_8h);

/// By a 15 min area value in mg/m3, a class of the place: I up to 1.25, II 2.5, III 6, IV 16, V above. Not the grade of
/// GBZ/T 229.1, by which surveillance goes.                                                  GBZ/T 342-2025 Table 1
std::optional<WorkGrade> grade_coal_dust(std::optional<double> c_15min);

}  // namespace hazgate::core
