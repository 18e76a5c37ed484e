#include "settings/advice_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "settings/choices.hpp"
#include "settings/toml_reader.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using core::Level;

namespace {

constexpr std::size_t longest_zh = 160, longest_en = 300, longest_source = 100;  ///< characters

const std::vector<std::string> whole_words{"noise",  "noise:peak", "baseline", "device",   "bus",    "output",
                                           "broker", "store",      "clock",    "coverage", "duties", "*"};
const std::vector<std::string> kinds{"cas:", "gbz:", "dust:", "wbgt:"};

/// Of UTF-8: a continuation byte begins none.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Whether a whole id exists is the limit table's business; its beginning is enough to find a slip.
std::string subject_trouble(std::string_view subject) {
  const auto star = subject.find('*');
  if (star != std::string_view::npos && star + 1 != subject.size()) return "has a * that is not its end";
  const auto of_kind = [&](std::string_view kind) { return subject.starts_with(kind) && subject != kind; };
  const bool whole = std::ranges::find(whole_words, subject) != whole_words.end();
  if (whole || std::ranges::any_of(kinds, of_kind)) return {};
  auto known = whole_words;
  for (const auto& kind : kinds) known.push_back(kind + "*");
  const auto near = nearest(subject, known);
  if (!near.empty()) return fmt::format("is not known; did you mean \"{}\"?", near);
  return fmt::format("is not known; expected an agent's id or {}", fmt::join(known, ", "));
}

std::vector<std::string> read_subjects(TomlReader& reader) {
  reader.require("for");
  const auto listed = reader.text_or_texts("for");
  if (listed && listed->empty()) reader.problem("for", "names nothing");
  auto subjects = listed.value_or(std::vector<std::string>{});
  for (const auto& subject : subjects)
    if (const auto trouble = subject_trouble(subject); !trouble.empty())
      reader.problem("for", fmt::format("{} {}", in_quotes(subject), trouble));
  return subjects;
}

std::string read_words(TomlReader& reader, const std::string& key, std::size_t longest) {
  const auto text = reader.text(key);
  if (!text) return {};
  if (blank(*text)) reader.problem(key, "is empty");
  if (const auto length = characters(*text); length > longest)
    reader.problem(key, fmt::format("has {} characters; at most {}", length, longest));
  return *text;
}

using Taken = std::set<std::pair<std::string, Level>>;

/// Two texts of one word and level: nobody could say which is meant.
void check_once(const TomlReader& reader, const std::string& subject, Level level, Taken& taken) {
  if (taken.emplace(subject, level).second) return;
  reader.problem("for", fmt::format("{} has a text of level \"{}\" already", in_quotes(subject), core::name(level)));
}

void read_entry(TomlReader& reader, std::vector<core::Advice>& all, Taken& taken, const Problems& problems) {
  const auto before = problems.size();
  const auto subjects = read_subjects(reader);
  for (const char* key : {"level", "zh", "en"}) reader.require(key);
  const auto level = reader.choice("level", levels);
  core::Advice advice{.level = level.value_or(Level::none),
                      .zh = read_words(reader, "zh", longest_zh),
                      .en = read_words(reader, "en", longest_en),
                      .source = read_words(reader, "source", longest_source)};
  reader.finish();
  for (const auto& subject : subjects)
    if (level) check_once(reader, subject, *level, taken);
  if (problems.size() != before) return;
  for (const auto& subject : subjects) {
    advice.subject = subject;
    all.push_back(advice);
  }
}

}  // namespace

std::vector<core::Advice> read_advice(const std::filesystem::path& file, Problems& problems) {
  const auto text = read_text(file, problems);
  const auto document = text ? parse_toml(*text, file.string(), problems) : std::nullopt;
  if (!document) return {};
  const Report report{file.string(), problems};
  TomlReader reader{*document, {1, 1}, "", report};
  std::vector<core::Advice> all;
  Taken taken;
  for (TomlReader& entry : reader.tables("advice")) read_entry(entry, all, taken, problems);
  reader.finish();
  return all;
}

}  // namespace hazgate::settings
