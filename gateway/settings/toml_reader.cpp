#include "settings/toml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "settings/words.hpp"

namespace hazgate::settings {

using std::chrono::milliseconds;

namespace {

// Named, because a conditional with a temporary would copy the tree and leave readers of the copy behind.
const Array no_items;
const Table no_entries;

std::string written(milliseconds d) {
  if (d.count() % 86'400'000 == 0 && d.count() > 0) return fmt::format("{}d", d.count() / 86'400'000);
  if (d.count() % 1000 == 0) return fmt::format("{}s", d.count() / 1000);
  return fmt::format("{}ms", d.count());
}

}  // namespace

void Report::add(Place place, std::string text) const {
  problems.push_back({file, place.line, place.column, std::move(text)});
}

TomlReader::TomlReader(const Table& table, Place place, std::string path, const Report& report)
    : table_{&table}, place_{place}, path_{std::move(path)}, report_{&report} {}

const Entry* TomlReader::entry(const std::string& key) const {
  const auto found = std::ranges::find(*table_, key, &Entry::key);
  return found == table_->end() ? nullptr : &*found;
}

const Node* TomlReader::find(const std::string& key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  const Entry* found = entry(key);
  return found ? &found->node : nullptr;
}

std::string TomlReader::path_of(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

bool TomlReader::has(const std::string& key) const { return entry(key) != nullptr; }

bool TomlReader::require(const std::string& key, std::string_view why) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  if (has(key)) return true;
  problem(key, std::string{why});
  return false;
}

void TomlReader::problem(const std::string& key, const std::string& text) const {
  const Entry* at = entry(key);
  report_->add(at ? at->node.place : place_, fmt::format("{}: {}", path_of(key), text));
}

void TomlReader::problem(const std::string& text) const {
  report_->add(place_, path_.empty() ? text : fmt::format("{}: {}", path_, text));
}

void TomlReader::wrong_kind(const std::string& key, const Node& node, std::string_view expected) const {
  problem(key, fmt::format("is {}; expected {}", kind_of(node), expected));
}

void TomlReader::wrong_word(const std::string& key, const std::string& word,
                            const std::vector<std::string>& words) const {
  problem(key, fmt::format("{} is not known{}", in_quotes(word), hint(word, words)));
}

std::optional<std::string> TomlReader::text(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (const auto* value = std::get_if<std::string>(&node->value)) return *value;
  wrong_kind(key, *node, "a string");
  return {};
}

std::optional<std::int64_t> TomlReader::integer(const std::string& key, Range<std::int64_t> range) {
  const Node* node = find(key);
  if (!node) return {};
  const auto* value = std::get_if<std::int64_t>(&node->value);
  if (!value) {
    wrong_kind(key, *node, "an integer");
    return {};
  }
  if (*value >= range.least && *value <= range.greatest) return *value;
  problem(key, fmt::format("{} is out of range; expected {} to {}", *value, range.least, range.greatest));
  return {};
}

std::optional<double> TomlReader::number(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (const auto* whole = std::get_if<std::int64_t>(&node->value)) return static_cast<double>(*whole);
  const auto* value = std::get_if<double>(&node->value);
  if (!value) {
    wrong_kind(key, *node, "a number");
    return {};
  }
  if (std::isfinite(*value)) return *value;
  problem(key, "is not a finite number");
  return {};
}

std::optional<bool> TomlReader::flag(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (const auto* value = std::get_if<bool>(&node->value)) return *value;
  wrong_kind(key, *node, "true or false");
  return {};
}

std::optional<milliseconds> TomlReader::duration(const std::string& key, Range<milliseconds> range) {
  const Node* node = find(key);
  if (!node) return {};
  constexpr std::string_view expected = R"(a duration such as "500ms", "1s", "10m", "2h" or "90d")";
  const auto* word = std::get_if<std::string>(&node->value);
  if (!word) {
    wrong_kind(key, *node, expected);
    return {};
  }
  const auto value = duration_from(*word);
  if (!value) {
    problem(key, fmt::format("{} is not a duration; expected {}", in_quotes(*word), expected));
    return {};
  }
  if (*value >= range.least && *value <= range.greatest) return value;
  problem(key, fmt::format("{} is out of range; expected {} to {}", in_quotes(*word), written(range.least),
                           written(range.greatest)));
  return {};
}

std::optional<std::vector<double>> TomlReader::numbers(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  const auto* items = std::get_if<Array>(&node->value);
  std::vector<double> values;
  for (const Node& item : items ? *items : no_items) {
    if (const auto* whole = std::get_if<std::int64_t>(&item.value)) values.push_back(static_cast<double>(*whole));
    if (const auto* value = std::get_if<double>(&item.value)) values.push_back(*value);
  }
  if (items && values.size() == items->size()) return values;
  wrong_kind(key, *node, "an array of numbers");
  return {};
}

std::optional<std::vector<std::string>> TomlReader::texts(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  const auto* items = std::get_if<Array>(&node->value);
  std::vector<std::string> values;
  for (const Node& item : items ? *items : no_items)
    if (const auto* value = std::get_if<std::string>(&item.value)) values.push_back(*value);
  if (items && values.size() == items->size()) return values;
  wrong_kind(key, *node, "an array of strings");
  return {};
}

std::optional<std::vector<std::string>> TomlReader::text_or_texts(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (const auto* one = std::get_if<std::string>(&node->value)) return std::vector{*one};
  if (std::holds_alternative<Array>(node->value)) return texts(key);
  wrong_kind(key, *node, "a string or an array of strings");
  return {};
}

std::vector<TomlReader> TomlReader::tables(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  std::vector<TomlReader> readers;
  const auto* items = std::get_if<Array>(&node->value);
  for (const Node& item : items ? *items : no_items)
    if (const auto* one = std::get_if<Table>(&item.value))
      readers.emplace_back(*one, item.place, fmt::format("{}[{}]", path_of(key), readers.size()), *report_);
  if (items && readers.size() == items->size()) return readers;
  wrong_kind(key, *node, fmt::format("tables headed [[{}]]", path_of(key)));
  return {};
}

std::optional<TomlReader> TomlReader::table(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (const auto* one = std::get_if<Table>(&node->value)) return TomlReader{*one, node->place, path_of(key), *report_};
  wrong_kind(key, *node, fmt::format("one table headed [{}]", path_of(key)));
  return {};
}

std::optional<std::vector<std::pair<std::string, std::string>>> TomlReader::text_map(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  const auto* entries = std::get_if<Table>(&node->value);
  std::vector<std::pair<std::string, std::string>> values;
  for (const Entry& one : entries ? *entries : no_entries)
    if (const auto* value = std::get_if<std::string>(&one.node.value)) values.emplace_back(one.key, *value);
  if (entries && values.size() == entries->size()) return values;
  wrong_kind(key, *node, R"(a table of strings such as {1 = "N", 2 = "C"})");
  return {};
}

void TomlReader::finish() const {
  for (const Entry& one : *table_) {
    if (std::ranges::find(known_, one.key) != known_.end()) continue;
    const std::string shown = id_trouble(one.key).empty() ? one.key : in_quotes(one.key);
    report_->add(one.key_place, fmt::format("{}: unknown key{}", path_of(shown), hint(one.key, known_)));
  }
}

}  // namespace hazgate::settings
