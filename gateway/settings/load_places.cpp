// [gateway], [[area]], [[enterprise]], [[shift]], [[workplace]].
#include <date/tz.h>
#include <fmt/format.h>

#include "settings/calendar.hpp"
#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

namespace {

const std::vector<std::string> day_words{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::function<std::chrono::seconds(core::Timestamp)> checked_offset(TomlReader& reader, const std::string& zone) {
  try {
    if (!zone.empty()) return utc_offset(zone);
    reader.problem("timezone", "is empty");
  } catch (const std::exception&) {
    std::vector<std::string> names;
    try {
      for (const auto& known : date::get_tzdb().zones) names.push_back(known.name());
    } catch (const std::exception&) {
      reader.problem("timezone", "the time zone database cannot be read; install tzdata");
      return {};
    }
    reader.problem("timezone", fmt::format("{} is not in the time zone database{}; expected an IANA name such as "
                                           "\"Asia/Shanghai\"",
                                           in_quotes(zone), hint(zone, names)));
  }
  return {};
}

std::string required_id(TomlReader& reader, const std::string& key) {
  if (!reader.require(key)) return {};
  const auto id = reader.text(key);
  if (!id) return {};
  if (const std::string trouble = id_trouble(*id); !trouble.empty()) reader.problem(key, trouble);
  return *id;
}

std::optional<double> read_outdoor_ventilation(TomlReader& reader) {
  const auto degc = reader.number("outdoor_ventilation_degc");
  if (degc && (*degc < least_outdoor_ventilation || *degc > most_outdoor_ventilation))
    reader.problem("outdoor_ventilation_degc", fmt::format("{} is out of range; expected {} to {}", *degc,
                                                           least_outdoor_ventilation, most_outdoor_ventilation));
  return degc;
}

std::vector<int> read_days(TomlReader& reader) {
  std::set<int> days;
  for (const std::string& word : reader.texts("days").value_or(std::vector<std::string>{})) {
    const auto day = std::ranges::find(day_words, word);
    if (day == day_words.end())
      reader.problem("days", fmt::format("{} is not a day{}", in_quotes(word), hint(word, day_words)));
    else if (!days.insert(static_cast<int>(day - day_words.begin()) + 1).second)
      reader.problem("days", fmt::format("{} is named twice", in_quotes(word)));
  }
  return {days.begin(), days.end()};
}

void read_shift(TomlReader& reader, Loading& loading) {
  ShiftSettings shift;
  shift.id = loading.shifts.declare(reader);
  if (const auto start = reader.text("start")) {
    const auto minute = minute_of_day(*start);
    if (!minute) reader.problem("start", fmt::format("{} is not a time of day such as \"08:00\"", in_quotes(*start)));
    shift.start_minute = minute.value_or(shift.start_minute);
  }
  shift.hours = reader.number("hours").value_or(shift.hours);
  if (shift.hours <= 0 || shift.hours > 24)
    reader.problem("hours", fmt::format("{} is out of range; expected more than 0, at most 24", shift.hours));
  if (reader.has("days")) {
    shift.days = read_days(reader);
    if (shift.days.empty()) reader.problem("days", "names no day");
  }
  reader.finish();
  const int days = static_cast<int>(shift.days.size());
  loading.settings.site.shifts.push_back({.id = shift.id, .hours = shift.hours, .days_per_week = days});
  loading.settings.shifts.push_back(std::move(shift));
}

void work_round_the_clock(Loading& loading) {
  loading.round_the_clock = true;
  for (const auto& [id, start_minute] : {std::pair{"00-08", 0}, {"08-16", 8 * 60}, {"16-24", 16 * 60}}) {
    loading.shifts.declare(id);
    // The place is watched on seven days; that one person works there on all of them nobody has said, so the working
    // week stays that of the law's 8 h and 40 h.                                                  GBZ 2.1-2019 A.7
    loading.settings.site.shifts.push_back({.id = id});
    loading.settings.shifts.push_back({.id = id, .start_minute = start_minute, .days = {1, 2, 3, 4, 5, 6, 7}});
  }
}

std::vector<core::ShiftIndex> all_shifts(const Loading& loading) {
  std::vector<core::ShiftIndex> shifts;
  for (std::size_t i = 0; i < loading.shifts.size(); ++i) shifts.push_back(static_cast<core::ShiftIndex>(i));
  return shifts;
}

std::vector<core::ShiftIndex> read_shifts_of(TomlReader& reader, core::WorkplaceKind kind, const Loading& loading) {
  if (kind == core::WorkplaceKind::ambient) {
    reader.note("shift");
    if (reader.has("shift")) reader.problem("shift", "no exposure is counted where kind = \"ambient\"; remove it");
    return {};
  }
  if (!reader.has("shift")) {
    if (loading.shifts.size() > 1 && !loading.round_the_clock)
      reader.require("shift", "is required where there are several shifts");
    return all_shifts(loading);
  }
  std::vector<core::ShiftIndex> shifts;
  for (const std::size_t number : loading.shifts.refer_all(reader, "shift"))
    shifts.push_back(static_cast<core::ShiftIndex>(number));
  return shifts;
}

void read_workplace(TomlReader& reader, Loading& loading) {
  const Choices<core::WorkplaceKind> kinds{{"workplace", core::WorkplaceKind::workplace},
                                           {"ambient", core::WorkplaceKind::ambient}};
  core::Workplace workplace;
  workplace.id = loading.workplaces.declare(reader);
  workplace.name = read_name(reader);
  if (loading.enterprises.size() > 1) reader.require("enterprise", "is required where there are several enterprises");
  workplace.enterprise =
      static_cast<core::EnterpriseIndex>(loading.enterprises.refer(reader, "enterprise").value_or(0));
  workplace.kind = reader.choice("kind", kinds).value_or(core::WorkplaceKind::workplace);
  workplace.shifts = read_shifts_of(reader, workplace.kind, loading);
  reader.finish();
  loading.settings.site.workplaces.push_back(std::move(workplace));
}

}  // namespace

void load_gateway(TomlReader& root, Loading& loading) {
  if (!root.require("gateway", "is required, with id and site")) return;
  auto reader = root.table("gateway");
  if (!reader) return;
  GatewaySettings& gateway = loading.settings.gateway;
  gateway.id = required_id(*reader, "id");
  gateway.site = required_id(*reader, "site");
  gateway.timezone = reader->text("timezone").value_or(gateway.timezone);
  loading.settings.site.utc_offset = checked_offset(*reader, gateway.timezone);
  if (const auto folder = reader->text("data_dir")) {
    if (folder->empty()) reader->problem("data_dir", "is empty");
    gateway.data_dir = *folder;
  }
  const Choices<std::string> languages{{"zh", "zh"}, {"en", "en"}};
  gateway.language = reader->choice("language", languages).value_or(gateway.language);
  gateway.commit_interval = reader->duration("commit_interval", {10ms, 10s}).value_or(gateway.commit_interval);
  gateway.outdoor_ventilation_degc = read_outdoor_ventilation(*reader);
  reader->finish();
  core::Site& site = loading.settings.site;
  site.gateway_id = gateway.id;
  site.site_id = gateway.site;
  site.language = gateway.language;
}

void load_places(TomlReader& root, Loading& loading) {
  core::Site& site = loading.settings.site;
  for (TomlReader& reader : root.tables("area")) {
    std::string id = loading.areas.declare(reader);
    site.areas.push_back({std::move(id), read_name(reader)});
    reader.finish();
  }
  for (TomlReader& reader : root.tables("enterprise")) {
    core::Enterprise enterprise{loading.enterprises.declare(reader), read_name(reader), ""};
    // Whoever may read what is an enterprise's own would read what is the gateways'.
    if (enterprise.id == "gateway")
      reader.problem("id", "\"gateway\" is where the gateways' own topics lie; choose another id");
    if (const auto area = loading.areas.refer(reader, "area")) enterprise.area = site.areas[*area].id;
    reader.finish();
    site.enterprises.push_back(std::move(enterprise));
  }
  // A file without places still needs the two levels of its topics.
  if (site.enterprises.empty()) {
    loading.enterprises.declare("default");
    site.enterprises.push_back({"default", "", ""});
  }
  for (TomlReader& reader : root.tables("shift")) read_shift(reader, loading);
  if (loading.shifts.size() == 0) work_round_the_clock(loading);
  for (TomlReader& reader : root.tables("workplace")) read_workplace(reader, loading);
  if (site.workplaces.empty()) {
    loading.workplaces.declare("default");
    site.workplaces.push_back(
        {"default", "", core::EnterpriseIndex{0}, core::WorkplaceKind::workplace, all_shifts(loading)});
  }
}

}  // namespace hazgate::settings
