#include "settings/profile_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/reading.hpp"
#include "core/units.hpp"
#include "settings/choices.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;
using modbus::Channel;
using modbus::Type;

namespace {

constexpr std::size_t most_measures = 2000;
constexpr std::uint32_t widest_map_range = 1000;

const Choices<Type> types{{"uint16", Type::uint16},   {"int16", Type::int16},     {"uint32", Type::uint32},
                          {"int32", Type::int32},     {"uint64", Type::uint64},   {"int64", Type::int64},
                          {"float32", Type::float32}, {"float64", Type::float64}, {"bit", Type::bit}};

void read_register(TomlReader& reader, Channel& channel) {
  const auto word = reader.text("register");
  if (!word) return;
  const auto found = register_from(*word);
  if (!found) {
    reader.problem("register", fmt::format("{} is not a register; expected coil, discrete, input or holding and the "
                                           "address on the wire, e.g. \"holding 0x0010\"",
                                           in_quotes(*word)));
    return;
  }
  channel.table = found->table;
  channel.address = found->address;
  if (modbus::is_bit_table(channel.table)) channel.type = Type::bit;
}

/// register, type, word_order, and mask for bits.
void read_channel(TomlReader& reader, Channel& channel) {
  read_register(reader, channel);
  if (const auto type = reader.choice("type", types)) channel.type = *type;
  if (const auto order = reader.choice("word_order", word_orders)) channel.order = *order;
  if (modbus::is_bit_table(channel.table) && channel.type != Type::bit)
    reader.problem("type", "a coil or discrete input is of type \"bit\"");
  if (channel.address + modbus::width(channel.type) > 0x10000)
    reader.problem("register", "the value ends beyond the last address 0xFFFF");
}

/// An own channel: register required, and the word order too unless the profile leaves it to the site.
void read_own_channel(TomlReader& reader, Channel& channel, const std::vector<std::string>& open) {
  reader.require("register");
  read_channel(reader, channel);
  const bool needs_order = modbus::width(channel.type) > 1 && std::ranges::find(open, "word_order") == open.end();
  if (needs_order && !reader.has("word_order"))
    reader.problem("word_order",
                   fmt::format("is required for {}; if the manual does not print it, say so with confirm = "
                               "[\"word_order\"] at the head of the file",
                               modbus::name(channel.type)));
}

std::vector<std::string> read_open(TomlReader& reader, const std::vector<std::string>& possible) {
  std::vector<std::string> open;
  for (const std::string& key : reader.texts("confirm").value_or(std::vector<std::string>{})) {
    if (std::ranges::find(possible, key) == possible.end())
      reader.problem("confirm", fmt::format("{} cannot be left to the site{}", in_quotes(key), hint(key, possible)));
    else if (reader.has(key))
      reader.problem(key, "is stated though confirm leaves it to the site");
    else
      open.push_back(key);
  }
  return open;
}

void read_measure(TomlReader& reader, ProfileFile& file) {
  modbus::Measure measure;
  std::string shown;
  if (reader.require("id")) measure.id = reader.text("id").value_or("");
  const bool taken =
      std::ranges::find(file.profile.measures, measure.id, &modbus::Measure::id) != file.profile.measures.end();
  // No dot: <device>.<measure> must part in one way only.
  if (reader.has("id") && (!id_trouble(measure.id).empty() || measure.id.find('.') != std::string::npos))
    reader.problem("id", fmt::format("{} cannot be an id: 1 to 64 of A-Z a-z 0-9 _ -", in_quotes(measure.id)));
  else if (taken)
    reader.problem("id", fmt::format("{} is used by another measure", in_quotes(measure.id)));
  read_own_channel(reader, measure.channel, file.open);
  auto open = read_open(reader, {"unit", "agent", "scale", "offset", "max"});
  read_measure_values(reader, measure, shown);
  if (std::ranges::find(open, "unit") == open.end()) {
    reader.require("unit");
    check_measure(reader, measure);
  }
  reader.finish();
  file.profile.measures.push_back(std::move(measure));
  file.measure_names.push_back(std::move(shown));
  file.open_in_measure.push_back(std::move(open));
}

/// After the measures, which they are made of and must not be named like.
void read_derived(TomlReader& reader, modbus::Profile& profile) {
  static const std::vector<std::string> possible{"tvoc", "ofp", "ofp_left_out"};
  for (const std::string& word : reader.texts("derived").value_or(std::vector<std::string>{})) {
    if (std::ranges::find(possible, word) == possible.end())
      reader.problem("derived", fmt::format("{} cannot be derived{}", in_quotes(word), hint(word, possible)));
    else if (std::ranges::find(profile.derived, word) != profile.derived.end())
      reader.problem("derived", fmt::format("{} is named twice", in_quotes(word)));
    else if (std::ranges::find(profile.measures, word, &modbus::Measure::id) != profile.measures.end())
      reader.problem("derived", fmt::format("{} is the id of a measure", in_quotes(word)));
    else
      profile.derived.push_back(word);
  }
  const auto is_compound = [](const modbus::Measure& m) { return !m.compound.empty(); };
  if (!profile.derived.empty() && std::ranges::none_of(profile.measures, is_compound))
    reader.problem("derived", "no measure has a compound to derive it from");
}

std::optional<Range<std::uint32_t>> values_from(std::string_view text) {
  const auto whole = [](std::string_view part) -> std::optional<std::uint32_t> {
    const bool hex = part.starts_with("0x");
    if (hex) part.remove_prefix(2);
    std::uint32_t n{};
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), n, hex ? 16 : 10);
    if (error != std::errc{} || end != part.data() + part.size()) return {};
    return n;
  };
  const auto dash = text.find('-');
  const auto least = whole(text.substr(0, dash));
  const auto greatest = dash == std::string_view::npos ? least : whole(text.substr(dash + 1));
  if (!least || !greatest || *greatest < *least || *greatest - *least >= widest_map_range) return {};
  return Range<std::uint32_t>{*least, *greatest};
}

std::optional<char> flag_letter(const std::string& text) {
  if (text.size() != 1 || !core::flag_from(text[0])) return {};
  return text[0];
}

void read_state(TomlReader& reader, ProfileFile& file) {
  constexpr std::string_view letters = "a flag letter: N T D B C M F S L";
  modbus::StateRegister state;
  read_own_channel(reader, state.channel, file.open);
  if (const auto mask = reader.integer("mask", {1, 0xFFFF'FFFF})) state.mask = static_cast<std::uint32_t>(*mask);
  reader.require("map");
  for (const auto& [key, value] : reader.text_map("map").value_or(std::vector<std::pair<std::string, std::string>>{})) {
    const auto values = values_from(key);
    const auto letter = flag_letter(value);
    if (!values) reader.problem("map", fmt::format("{} is not a value or a range such as 1101-1199", in_quotes(key)));
    if (!letter) reader.problem("map", fmt::format("{} is not {}", in_quotes(value), letters));
    if (!values || !letter) continue;
    for (std::uint64_t v = values->least; v <= values->greatest; ++v)
      state.map[static_cast<std::uint32_t>(v)] = *letter;
  }
  if (const auto otherwise = reader.text("otherwise")) {
    const auto letter = flag_letter(*otherwise);
    if (!letter) reader.problem("otherwise", fmt::format("{} is not {}", in_quotes(*otherwise), letters));
    state.otherwise = letter.value_or('N');
  }
  reader.finish();
  file.profile.states.push_back(std::move(state));
}

void read_expect(TomlReader& reader, ProfileFile& file) {
  modbus::Expect expect;
  read_own_channel(reader, expect.channel, file.open);
  const auto id = reader.text("id");
  if (id && !id_trouble(*id).empty()) reader.problem("id", id_trouble(*id));
  expect.what = reader.text("what").value_or(id.value_or(""));
  const bool open = !read_open(reader, {"equals"}).empty();
  if (!open) reader.require("equals");
  if (open && !id) reader.problem("id", "is required, for [[device.expect]] to name it");
  expect.equals = reader.number("equals").value_or(0);
  reader.finish();
  file.profile.expects.push_back(std::move(expect));
  file.expect_ids.push_back(id.value_or(""));
  file.open_expects.push_back(open);
}

void read_head(TomlReader& reader, ProfileFile& file, const std::string& stem) {
  modbus::Profile& profile = file.profile;
  for (const char* key : {"profile", "maker", "model", "manual"}) reader.require(key);
  profile.name = reader.text("profile").value_or("");
  profile.maker = reader.text("maker").value_or("");
  profile.model = reader.text("model").value_or("");
  profile.manual = reader.text("manual").value_or("");
  if (reader.has("profile") && profile.name != stem)
    reader.problem("profile", fmt::format("{} differs from the name of the file; expected {}", in_quotes(profile.name),
                                          in_quotes(stem)));
  file.open = read_open(reader, {"word_order", "address_base"});
  if (const auto v = reader.integer("max_gap", {0, 124})) profile.max_gap = static_cast<std::uint16_t>(*v);
  if (const auto v = reader.integer("max_registers", {1, 125})) profile.max_registers = static_cast<std::uint16_t>(*v);
  profile.min_interval = reader.duration("min_interval", {0ms, 60s}).value_or(0ms);
  profile.warm_up = reader.duration("warm_up", {0ms, 24h}).value_or(0ms);
  profile.timeout = reader.duration("timeout", {10ms, 60s});
  profile.first_query_may_fail = reader.flag("first_query_may_fail").value_or(false);
  profile.baseline = reader.flag("baseline").value_or(false);
  profile.scan_interval = reader.duration("scan_interval", {1s, 24h});
}

}  // namespace

void read_measure_values(TomlReader& reader, modbus::Measure& measure, std::string& shown) {
  const auto take = [&](const char* key, auto& target) {
    if (const auto value = reader.number(key)) target = *value;
  };
  take("scale", measure.scale);
  take("offset", measure.offset);
  take("min", measure.min);
  take("max", measure.max);
  take("loq", measure.loq);
  take("max_rate", measure.max_rate);
  take("molar_mass", measure.molar_mass);
  if (const auto v = reader.text("unit")) measure.unit = *v;
  if (const auto v = reader.text("agent")) measure.agent = *v;
  if (const auto v = reader.text("name")) shown = *v;
  if (const auto v = reader.text("compound")) measure.compound = *v;
  if (const auto v = reader.flag("baseline")) measure.baseline = *v;
  if (const auto v = reader.numbers("error_values")) measure.error_values = *v;
  if (const auto v = reader.duration("stuck_after", {1s, 30 * 24h})) measure.stuck_after = *v;
}

void check_measure(const TomlReader& reader, const modbus::Measure& measure) {
  if (!measure.unit.empty() && !core::unit_from(measure.unit))
    reader.problem("unit", fmt::format("{} is not a unit; expected {}", in_quotes(measure.unit), core::unit_symbols()));
  if (measure.scale == 0) reader.problem("scale", "0 would make every reading 0");
  if (measure.min && measure.max && *measure.min >= *measure.max)
    reader.problem("max", fmt::format("{} is not above min {}", *measure.max, *measure.min));
  const auto positive = [&](const char* key, const std::optional<double>& value) {
    if (value && *value <= 0) reader.problem(key, fmt::format("{} is not greater than 0", *value));
  };
  positive("max_rate", measure.max_rate);
  positive("molar_mass", measure.molar_mass);
  if (measure.loq && *measure.loq < 0) reader.problem("loq", fmt::format("{} is negative", *measure.loq));
}

std::optional<ProfileFile> parse_profile(std::string_view text, const std::string& name, const std::string& stem,
                                         Problems& problems) {
  const std::size_t before = problems.size();
  const auto document = parse_toml(text, name, problems);
  if (!document) return {};
  const Report report{name, problems};
  TomlReader reader{*document, {1, 1}, "", report};
  ProfileFile file;
  read_head(reader, file, stem);
  auto measures = reader.tables("measure");
  if (measures.size() > most_measures) {
    reader.problem("measure", fmt::format("{} are too many; at most {}", measures.size(), most_measures));
    measures.clear();
  }
  for (TomlReader& measure : measures) read_measure(measure, file);
  read_derived(reader, file.profile);
  for (TomlReader& state : reader.tables("state")) read_state(state, file);
  for (TomlReader& expect : reader.tables("expect")) read_expect(expect, file);
  if (auto heartbeat = reader.table("heartbeat")) {
    file.profile.heartbeat.emplace();
    read_own_channel(*heartbeat, file.profile.heartbeat->channel, file.open);
    if (const auto within = heartbeat->duration("within", {1s, 24h})) file.profile.heartbeat->within = *within;
    heartbeat->finish();
  }
  if (file.profile.measures.empty() && file.profile.states.empty())
    reader.problem("has neither a [[measure]] nor a [[state]]: nothing to read");
  reader.finish();
  if (problems.size() != before) return {};
  return file;
}

}  // namespace hazgate::settings
