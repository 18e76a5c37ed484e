#include "settings/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "core/utf8.hpp"
#include "settings/advice_file.hpp"
#include "settings/level_rules.hpp"
#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace {

constexpr std::size_t most_problems = 500;

/// Said clearly instead of ignored: whoever writes [hj212] believes that a platform is told.
void refuse_unavailable(TomlReader& root) {
  if (root.table("hj212")) root.problem("hj212", "[hj212] is not available in this version; remove it");
}

void order_levels(Settings& settings) {
  for (PointRules& point : settings.points)
    std::ranges::stable_sort(point.levels, {}, [](const core::LevelRule& r) { return std::pair{r.level, r.basis}; });
}

/// The site's own texts stand beside its file, the others in the share folder.
void load_advice(Loading& loading) {
  for (const auto& folder : loading.folders) {
    const auto file = folder / "advice.toml";
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) continue;
    loading.settings.site.advice = read_advice(file, loading.problems);
    return;
  }
}

/// The file given first, then the others, each from top to bottom; said once.
Problems in_order(Problems problems, const std::string& first) {
  const auto key = [&](const Problem& p) { return std::tuple{p.file != first, p.file, p.line, p.column}; };
  std::ranges::stable_sort(problems, {}, key);
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  if (problems.size() > most_problems) {
    const std::size_t more = problems.size() - most_problems;
    problems.resize(most_problems);
    problems.push_back({first, 0, 0, fmt::format("and {} more problems", more)});
  }
  return problems;
}

}  // namespace

std::string Ids::declare(TomlReader& reader) {
  const std::size_t number = count_++;
  if (!reader.require("id")) return {};
  const auto id = reader.text("id");
  if (!id) return {};
  if (const std::string trouble = id_trouble(*id); !trouble.empty()) {
    reader.problem("id", trouble);
    return {};
  }
  if (!numbers_.emplace(*id, number).second) {
    reader.problem("id", fmt::format("{} is used by another {}", in_quotes(*id), kind_));
    return {};
  }
  all_.push_back(*id);
  return *id;
}

void Ids::declare(std::string id) {
  numbers_.emplace(id, count_++);
  all_.push_back(std::move(id));
}

std::optional<std::size_t> Ids::refer(TomlReader& reader, const std::string& key) const {
  const auto id = reader.text(key);
  return id ? number(reader, key, *id) : std::nullopt;
}

std::vector<std::size_t> Ids::refer_all(TomlReader& reader, const std::string& key) const {
  const auto ids = reader.text_or_texts(key);
  if (!ids) return {};
  if (ids->empty()) reader.problem(key, fmt::format("names no {}", kind_));
  std::vector<std::size_t> numbers;
  for (const std::string& id : *ids) {
    const auto one = number(reader, key, id);
    if (!one) continue;
    if (std::ranges::find(numbers, *one) != numbers.end())
      reader.problem(key, fmt::format("{} is named twice", in_quotes(id)));
    else
      numbers.push_back(*one);
  }
  return numbers;
}

std::optional<std::size_t> Ids::number(TomlReader& reader, const std::string& key, const std::string& id) const {
  const auto found = numbers_.find(id);
  if (found != numbers_.end()) return found->second;
  reader.problem(key, fmt::format("{} names no {}{}", in_quotes(id), kind_, hint(id, all_)));
  return {};
}

std::optional<core::AgentIndex> Loading::agent(const std::string& word, std::string& why) {
  const auto known = agents.find(word);
  if (known != agents.end()) return known->second;
  auto answer = limits.agent(word);
  if (answer.has_error()) {
    why = answer.error().why;
    return agents[word] = std::nullopt;
  }
  if (const auto degc = settings.gateway.outdoor_ventilation_degc) answer = in_climate(std::move(*answer), *degc);
  const auto index = static_cast<core::AgentIndex>(settings.site.agents.size());
  legal.push_back(legal_levels(*answer, settings.alarm.timings));
  points_of.emplace_back();
  settings.site.agents.push_back(std::move(*answer));
  return agents[word] = index;
}

std::string read_name(TomlReader& reader, const std::string& key) {
  const auto name = reader.text(key);
  if (!name) return {};
  if (name->size() > 200) reader.problem(key, "is longer than 200 bytes");
  if (!core::is_one_line(*name))
    reader.problem(
        key, fmt::format("{} has control characters, or some that turn the direction of reading", in_quotes(*name)));
  return *name;
}

std::filesystem::path installed_share() {
  if (const char* named = std::getenv("HAZGATE_SHARE"); named && *named) return named;
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "share" / "hazgate";
}

boost::system::result<Settings, Problems> load(const std::filesystem::path& file) {
  return load(file, installed_share());
}

boost::system::result<Settings, Problems> load(const std::filesystem::path& file, const std::filesystem::path& share) {
  Loading loading;
  const auto folder = file.parent_path();
  loading.folders = {folder.empty() ? "." : folder, share};
  const auto text = read_text(file, loading.problems);
  const auto document = text ? parse_toml(*text, file.string(), loading.problems) : std::nullopt;
  if (!document) return in_order(std::move(loading.problems), file.string());

  loading.limits = LimitTable::read(loading.folders, loading.problems);
  loading.settings.duties = DutyTable::read(loading.folders, loading.problems);
  const Report report{file.string(), loading.problems};
  TomlReader root{*document, {1, 1}, "", report};
  load_gateway(root, loading);
  load_places(root, loading);
  load_alarm(root, loading);
  load_buses(root, loading);
  load_devices(root, loading);
  load_agents(root, loading);
  load_limits(root, loading);
  load_actions(root, loading);
  load_cross_checks(root, loading);
  load_suppress(root, loading);
  load_mqtt(root, loading);
  load_http(root, loading);
  load_retention(root, loading);
  load_advice(loading);
  refuse_unavailable(root);
  root.finish();
  if (!loading.problems.empty()) return in_order(std::move(loading.problems), file.string());
  order_levels(loading.settings);
  loading.settings.limits = std::move(loading.limits);
  loading.settings.site.points.shrink_to_fit();  // of a large site, what growing it set aside is a megabyte
  return std::move(loading.settings);
}

}  // namespace hazgate::settings
