// What people call an agent, and the word that it has here.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "settings/limit_table.hpp"

namespace hazgate::settings {

namespace {

/// Without blanks, brackets and commas, in small letters: names are typed in many ways.
std::string plain(std::string_view name) {
  static constexpr std::array<std::string_view, 6> left_out{"（", "）", "，", "、", "　", "\u00A0"};
  std::string kept;
  while (!name.empty()) {
    const auto wide = std::ranges::find_if(left_out, [&](std::string_view w) { return name.starts_with(w); });
    if (wide != left_out.end()) {
      name.remove_prefix(wide->size());
      continue;
    }
    const char c = name.front();
    if (std::string_view(" ,()\t").find(c) == std::string_view::npos)
      kept += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    name.remove_prefix(1);
  }
  return kept;
}

struct Fraction {
  std::string_view word, said;
};
constexpr std::array fractions{
    Fraction{"total", "总尘"},      Fraction{"total", "总粉尘"},          Fraction{"total", "total"},
    Fraction{"respirable", "呼尘"}, Fraction{"respirable", "呼吸性粉尘"}, Fraction{"respirable", "respirable"}};

bool called(const std::string& asked, std::string_view zh, std::string_view en) {
  return asked == plain(zh) || (!en.empty() && asked == plain(en));
}

}  // namespace

std::optional<std::string> LimitTable::word_of(std::string_view name) const {
  if (agent(name)) return std::string(name);
  const auto asked = plain(name);
  std::set<std::string> words;
  if (called(asked, "噪声", "noise")) words.emplace("noise");
  for (const auto& chemical : chemicals_) {
    if (!called(asked, chemical.name_zh, chemical.name_en)) continue;
    const bool by_cas = chemical.by_number_only.empty() && !chemical.cas.empty();
    words.insert(by_cas ? "cas:" + chemical.cas.front() : "gbz:" + chemical.no);
  }
  for (const auto& dust : dusts_)
    for (const auto& [word, said] : fractions)
      if (asked == plain(dust.name_zh) + std::string(said) || asked == plain(dust.name_en) + std::string(said))
        words.insert("dust:" + dust.no + ":" + std::string(word));
  std::erase_if(words, [&](const std::string& word) { return agent(word).has_error(); });
  if (words.empty())
    for (const auto& [cas, substance] : substances_)
      if (called(asked, substance.name_zh, substance.name_en) && agent("cas:" + cas)) words.insert("cas:" + cas);
  return words.size() == 1 ? std::optional(*words.begin()) : std::nullopt;
}

}  // namespace hazgate::settings
