// [[agent]]: what the site decided about an agent. [[mixture]]: agents at one workplace that act alike.
#include <fmt/format.h>

#include <algorithm>

#include "settings/level_rules.hpp"
#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace {

/// An agent with a PC-TWA; else a Problem at `key`.
std::optional<core::AgentIndex> averaged_agent(TomlReader& reader, const std::string& key, const std::string& word,
                                               Loading& loading) {
  std::string why;
  const auto agent = loading.agent(word, why);
  if (!why.empty()) reader.problem(key, why);
  if (!agent) return {};
  if (loading.settings.site.agents[core::at(*agent)].limit(core::LimitKind::pc_twa) != nullptr) return agent;
  reader.problem(key, fmt::format("{} has no PC-TWA", in_quotes(word)));
  return {};
}

void read_agent(TomlReader& reader, Loading& loading) {
  reader.require("agent");
  const auto word = reader.text("agent");
  reader.require("reduced_for_long_shifts");
  const auto reduced = reader.flag("reduced_for_long_shifts");
  reader.finish();
  const auto agent = word ? averaged_agent(reader, "agent", *word, loading) : std::nullopt;
  if (!agent || !reduced) return;
  if (loading.points_of[core::at(*agent)].empty()) {
    reader.problem("agent", fmt::format("no point is judged as {}", in_quotes(*word)));
    return;
  }
  if (!loading.decided.insert(*word).second)
    reader.problem("agent", fmt::format("{} has another [[agent]]", in_quotes(*word)));
  loading.settings.site.agents[core::at(*agent)].reduced_for_long_shifts = *reduced;
}

/// Its points at the workplace, none of them in a mixture yet; else none, and a Problem.
std::vector<core::PointIndex> points_at(TomlReader& reader, const std::string& word, std::size_t workplace,
                                        Loading& loading) {
  const auto agent = averaged_agent(reader, "agents", word, loading);
  if (!agent) return {};
  std::vector<core::PointIndex> points;
  for (const std::size_t number : loading.points_of[core::at(*agent)]) {
    if (core::at(loading.settings.site.points[number].workplace) != workplace) continue;
    if (!loading.mixed.insert(number).second) {
      reader.problem("agents", fmt::format("{} is named twice for this workplace", in_quotes(word)));
      return {};
    }
    points.push_back(static_cast<core::PointIndex>(number));
  }
  if (points.empty())
    reader.problem("agents", fmt::format("no point of workplace {} is judged as {}",
                                         loading.settings.site.workplaces[workplace].id, in_quotes(word)));
  return points;
}

void read_mixture(TomlReader& reader, Loading& loading) {
  const bool several = loading.workplaces.size() > 1;
  if (several) reader.require("workplace", "is required where there are several workplaces");
  const auto named = loading.workplaces.refer(reader, "workplace");
  const bool sure = named || (!several && !reader.has("workplace"));
  const std::size_t workplace = named.value_or(0);
  reader.require("agents");
  const auto words = reader.texts("agents");
  reader.finish();
  if (!sure || !words) return;
  const auto& place = loading.settings.site.workplaces[workplace];
  if (place.shifts.empty()) {
    reader.problem("workplace", fmt::format("no exposure is counted at {}", in_quotes(place.id)));
    return;
  }
  if (words->size() < 2) reader.problem("agents", "names too few; expected two or more that act alike");
  MixtureSettings mixture;
  for (const std::string& word : *words) {
    auto points = points_at(reader, word, workplace, loading);
    if (points.empty()) continue;
    mixture.agents.push_back(std::move(points));
  }
  if (mixture.agents.size() < 2) return;
  const auto leader = core::at(mixture.agents.front().front());
  std::ranges::move(mixture_levels(loading.settings.alarm.timings),
                    std::back_inserter(loading.settings.points[leader].levels));
  loading.settings.mixtures.push_back(std::move(mixture));
}

}  // namespace

void load_agents(TomlReader& root, Loading& loading) {
  for (TomlReader& reader : root.tables("agent")) read_agent(reader, loading);
  for (TomlReader& reader : root.tables("mixture")) read_mixture(reader, loading);
}

}  // namespace hazgate::settings
