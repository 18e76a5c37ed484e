#include "settings/limit_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/exposure_rules.hpp"
#include "settings/limit_files.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using Answer = boost::system::result<core::Agent, NoAgent>;
using core::Unit;

namespace {

template <class Map>
std::vector<std::string> keys(const Map& map, std::string_view prefix) {
  std::vector<std::string> words;
  words.reserve(map.size());
  for (const auto& [key, value] : map) words.push_back(fmt::format("{}{}", prefix, key));
  return words;
}

}  // namespace

bool is_cas_number(std::string_view text) {
  const auto second = text.rfind('-');
  const auto first = text.find('-');
  if (first == std::string_view::npos || first == second || second - first != 3 || text.size() - second != 2 ||
      first < 2 || first > 7)
    return false;
  int sum = 0, place = 0;
  for (std::size_t i = second; i-- > 0;) {
    if (text[i] == '-') continue;
    if (text[i] < '0' || text[i] > '9') return false;
    sum += ++place * (text[i] - '0');
  }
  return sum % 10 == text.back() - '0';
}

Answer LimitTable::agent(std::string_view word) const {
  if (word.starts_with("cas:")) return by_cas(word, std::string{word.substr(4)});
  if (word.starts_with("gbz:")) return by_number(word, std::string{word.substr(4)});
  if (word.starts_with("dust:")) return by_dust(word, word.substr(5));
  if (word == "noise" || word == "noise:peak") return noise(word);
  if (word == "wbgt" || word.starts_with("wbgt:")) return heat(word);
  return NoAgent{
      fmt::format("{} is not an agent{}; expected cas:<number>, gbz:<no>, dust:<no>:total|respirable, noise, "
                  "noise:peak, wbgt:<contact time rate>:<work class> or none",
                  in_quotes(word), is_cas_number(word) ? fmt::format("; did you mean \"cas:{}\"?", word) : "")};
}

core::Agent LimitTable::agent_of(std::string_view word, const Chemical& chemical) const {
  core::Agent agent{std::string{word}, chemical.name_zh, chemical.name_en, chemical.limits, {}, Unit::mg_per_m3};
  agent.notation = chemical.notation;
  // One row may name isomers (one mass) or a family such as nitrogen oxides (several: then there is none).
  for (const std::string& cas : chemical.cas) {
    const auto known = substances_.find(cas);
    if (known == substances_.end()) continue;
    if (agent.molar_mass && std::abs(agent.molar_mass->value - known->second.molar_mass.value) > 0.01) {
      agent.molar_mass.reset();
      break;
    }
    agent.molar_mass = known->second.molar_mass;
  }
  return agent;
}

Answer LimitTable::by_cas(std::string_view word, const std::string& cas) const {
  const auto substance = substances_.find(cas);
  core::Agent agent{std::string{word}, {}, {}, {}, {}, Unit::mg_per_m3};
  std::vector<std::string> rows;
  if (const auto found = chemicals_by_cas_.find(cas); found != chemicals_by_cas_.end()) {
    for (const std::size_t i : found->second) {
      if (!chemicals_[i].by_number_only.empty()) continue;
      agent = agent_of(word, chemicals_[i]);
      rows.push_back("gbz:" + chemicals_[i].no);
    }
  } else if (const auto listed = listed_as_.find(cas); listed != listed_as_.end()) {
    const auto row = std::ranges::find(chemicals_, listed->second, &Chemical::no);
    if (row == chemicals_.end())
      return NoAgent{fmt::format("{}: the crosswalk names no. {}, which is not there", word, listed->second)};
    agent = agent_of(word, *row);
  } else if (substance == substances_.end()) {
    return NoAgent{unknown_cas(cas)};
  }
  if (rows.size() > 1)
    return NoAgent{
        fmt::format("{} has several rows in GBZ 2.1; expected one of {}", in_quotes(word), fmt::join(rows, ", "))};
  if (substance != substances_.end()) {
    agent.molar_mass = substance->second.molar_mass;
    if (agent.limits.empty() || !substance->second.name_zh.empty()) {
      agent.name_zh = substance->second.name_zh;
      agent.name_en = substance->second.name_en;
    }
  }
  if (agent.name_zh.empty()) agent.name_zh = agent.name_en;
  return agent;
}

std::string LimitTable::unknown_cas(const std::string& cas) const {
  std::vector<std::string> as_dust;
  for (const Dust& dust : dusts_)
    if (dust.cas == cas) as_dust.push_back(fmt::format("dust:{}:total", dust.no));
  const std::string word = in_quotes("cas:" + cas);
  if (!as_dust.empty())
    return fmt::format("{} is a dust of GBZ 2.1 Table 2; expected {}", word, fmt::join(as_dust, ", "));
  std::vector<std::string> known = keys(chemicals_by_cas_, "cas:");
  std::ranges::move(keys(substances_, "cas:"), std::back_inserter(known));
  const std::string near = nearest("cas:" + cas, known);
  const std::string meant = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
  if (!is_cas_number(cas)) return fmt::format("{} is no CAS number: its check digit is wrong{}", word, meant);
  return fmt::format(
      "{} has no limit in GBZ 2.1 and no known molar mass; judge it by gbz:<no>, or use agent "
      "\"none\" with a [[limit]] of its point",
      word);
}

Answer LimitTable::by_number(std::string_view word, const std::string& no) const {
  const auto row = std::ranges::find(chemicals_, no, &Chemical::no);
  if (row != chemicals_.end()) return agent_of(word, *row);
  std::vector<std::string> parts;
  for (const Chemical& chemical : chemicals_)
    if (chemical.no.starts_with(no + "-")) parts.push_back("gbz:" + chemical.no);
  return NoAgent{fmt::format("{} is not a row of GBZ 2.1 Table 1{}", in_quotes(word),
                             parts.empty() ? "" : fmt::format("; expected {}", fmt::join(parts, ", ")))};
}

Answer LimitTable::by_dust(std::string_view word, std::string_view rest) const {
  const auto colon = rest.find(':');
  const std::string no{rest.substr(0, colon)};
  const std::string fraction{colon == std::string_view::npos ? "" : rest.substr(colon + 1)};
  const auto row = std::ranges::find(dusts_, no, &Dust::no);
  if (row == dusts_.end()) {
    std::vector<std::string> parts;
    for (const Dust& dust : dusts_)
      if (dust.no.starts_with(no + "-")) parts.push_back("dust:" + dust.no);
    return NoAgent{fmt::format("{} is not a row of GBZ 2.1 Table 2{}", in_quotes(word),
                               parts.empty() ? "" : fmt::format("; expected {}", fmt::join(parts, ", ")))};
  }
  if (fraction != "total" && fraction != "respirable")
    return NoAgent{
        fmt::format("{} lacks its fraction{}", in_quotes(word),
                    hint(fraction, {fmt::format("dust:{}:total", no), fmt::format("dust:{}:respirable", no)}))};
  const auto limit = fraction == "total" ? row->total : row->respirable;
  const auto other = fraction == "total" ? row->respirable : row->total;
  if (!limit && !other) return NoAgent{fmt::format("{} has no mass limit: its limit counts fibres", in_quotes(word))};
  if (!limit)
    return NoAgent{fmt::format("{} has no {} limit; expected \"dust:{}:{}\"", in_quotes(word), fraction, no,
                               fraction == "total" ? "respirable" : "total")};
  const core::Limit twa{core::LimitKind::pc_twa, *limit, Unit::mg_per_m3,
                        fmt::format("{} Table 2 no. {}, {} dust", row->source, no, fraction)};
  return core::Agent{std::string{word}, row->name_zh, row->name_en, {twa}, {}, Unit::mg_per_m3};
}

Answer LimitTable::dust_by_content(std::string_view word, double sio2_percent) const {
  auto dust = agent(word);
  if (dust.has_error()) return dust;
  if (!word.starts_with("dust:")) return NoAgent{"belongs to a dust; remove it"};
  const auto row = core::silica_row(sio2_percent);
  const bool asbestos = dust->name_zh.find("石棉") != std::string::npos;
  if (!row || asbestos) return dust;
  return agent(fmt::format("dust:{}:{}", *row, word.substr(word.rfind(':') + 1)));
}

Answer LimitTable::noise(std::string_view word) const {
  if (word == "noise") return core::Agent{"noise", "噪声", "Noise", noise_limits_, {}, Unit::db_a};
  // What a peak may reach depends on how many there are in a working day (GBZ 2.2 Table 10): no single limit.
  return core::Agent{"noise:peak", "脉冲噪声", "Impulse noise", {}, {}, Unit::db_a};
}

Answer LimitTable::heat(std::string_view word) const {
  const auto found = heat_.find(word);
  if (found != heat_.end())
    return core::Agent{std::string{word}, "高温（WBGT）", "Heat (WBGT)", {found->second}, {}, Unit::degree_celsius};
  // No "did you mean": what is near in letters is another limit.
  return NoAgent{fmt::format(
      "{} is not in GBZ 2.2 Table 8; expected wbgt:<contact time rate 25|50|75|100>:<work class I|II|III|IV>",
      in_quotes(word))};
}

core::Agent in_climate(core::Agent agent, double outdoor_ventilation) {
  const double rise = core::wbgt_limit_rise(outdoor_ventilation);
  for (auto& limit : agent.limits) {
    if (limit.kind != core::LimitKind::wbgt || rise == 0) continue;
    limit.value += rise;
    limit.source += fmt::format(", 10.2.2: +{} at an outdoor ventilation of {} degC", rise, outdoor_ventilation);
  }
  return agent;
}

}  // namespace hazgate::settings
