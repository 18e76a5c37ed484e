// Legal exposure limits of an agent, each with the clause it comes from.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hpp"

namespace hazgate::core {

/// What a figure is held against. `site` is a level of the site's own, not law.
enum class LimitKind { mac, pc_twa, pc_stel, pe, lex_8h, wbgt, action, mixture, site };
inline constexpr std::array all_limit_kinds{LimitKind::mac,    LimitKind::pc_twa,  LimitKind::pc_stel,
                                            LimitKind::pe,     LimitKind::lex_8h,  LimitKind::wbgt,
                                            LimitKind::action, LimitKind::mixture, LimitKind::site};
/// "MAC", "PC-TWA", "PC-STEL", "PE", "LEX_8h", "WBGT", "ACTION", "MIXTURE", "SITE": the words of feed and page.
std::string_view name(LimitKind kind);

/// A value equal to its limit complies; only a greater one exceeds it.      GBZ 2.1-2019 6.3
struct Limit {
  LimitKind kind{};
  double value{};
  Unit unit{};
  std::string source;  ///< standard and clause, e.g. "GBZ 2.1-2019 Table 1 no. 131"
  friend bool operator==(const Limit&, const Limit&) = default;
};

/// The hazard a quantity is judged as. `id` is the word of the configuration: cas:71-43-2, dust:49:total, noise,
/// wbgt:75:III.
struct Agent {
  std::string id;
  std::string name_zh, name_en;
  std::vector<Limit> limits;             ///< in canonical unit, at most one of each kind
  std::optional<GramPerMol> molar_mass;  ///< needed to judge a volume fraction
  Unit unit = Unit::mg_per_m3;           ///< canonical unit of its readings
  /// PC-TWA * RF for shifts above 8 h: by decision, never by default.                 GBZ 2.1-2019 A.7.4
  bool reduced_for_long_shifts = false;
  std::string notation;  ///< marks of the list: 皮 taken up by the skin, 敏 sensitising, G1 G2A G2B cancer  GBZ 2.1 A.4
  const Limit* limit(LimitKind kind) const;
  /// What the average of a shift is held against: PC-TWA, L_EX,8h or WBGT. No agent has two of them.
  const Limit* shift_limit() const;
  friend bool operator==(const Agent&, const Agent&) = default;
};

}  // namespace hazgate::core
