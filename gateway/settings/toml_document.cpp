#include "settings/toml_document.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <fstream>

namespace hazgate::settings {

namespace {

constexpr std::uintmax_t largest_file = 16U << 20U;

// toml++ bounds nested brackets, not dotted keys, and frees its tree by recursion: `a.a.a.…` of a megabyte would
// overflow the stack. So depth is measured before it is built.
constexpr std::size_t most_dots_a_line = 64;
constexpr std::size_t deepest_brackets = 32;

/// Walks over a TOML text outside of comments and strings.
class Depth {
 public:
  /// The line where it nests too deep, or 0.
  std::uint32_t too_deep(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); i = step(text, i))
      if (dots_ > most_dots_a_line || brackets_ > deepest_brackets) return line_;
    return dots_ > most_dots_a_line || brackets_ > deepest_brackets ? line_ : 0;
  }

 private:
  std::size_t step(std::string_view text, std::size_t i) {
    const char c = text[i];
    if (c == '#') return std::min(text.find('\n', i), text.size());
    if (c == '"' || c == '\'') return after_string(text, i);
    if (c == '\n') {
      ++line_;
      dots_ = 0;
    }
    dots_ += c == '.';
    brackets_ += c == '[' || c == '{';
    if ((c == ']' || c == '}') && brackets_ > 0) --brackets_;
    return i + 1;
  }

  std::size_t after_string(std::string_view text, std::size_t i) {
    const char quote = text[i];
    const std::string three(3, quote);
    const bool multi_line = text.substr(i, 3) == three;
    for (i += multi_line ? 3 : 1; i < text.size(); ++i) {
      if (text[i] == '\\' && quote == '"') {
        ++i;
      } else if (text[i] == '\n') {
        if (!multi_line) return i;  // a syntax error that toml++ will explain
        ++line_;
      } else if (multi_line ? text.substr(i, 3) == three : text[i] == quote) {
        return i + (multi_line ? 3 : 1);
      }
    }
    return text.size();
  }

  std::uint32_t line_ = 1;
  std::size_t dots_ = 0, brackets_ = 0;
};

Place place_of(const toml::source_region& source) { return {source.begin.line, source.begin.column}; }

Node convert(const toml::node& from);

Table convert_table(const toml::table& from) {
  Table to;
  to.reserve(from.size());
  for (const auto& [key, value] : from) to.push_back({std::string{key.str()}, place_of(key.source()), convert(value)});
  std::ranges::stable_sort(to, {}, [](const Entry& e) { return std::pair{e.key_place.line, e.key_place.column}; });
  return to;
}

Node convert(const toml::node& from) {
  Node to{DateOrTime{}, place_of(from.source())};
  if (const auto* text = from.as_string()) to.value = text->get();
  if (const auto* number = from.as_integer()) to.value = number->get();
  if (const auto* number = from.as_floating_point()) to.value = number->get();
  if (const auto* flag = from.as_boolean()) to.value = flag->get();
  if (const auto* table = from.as_table()) to.value = convert_table(*table);
  if (const auto* array = from.as_array()) {
    Array items;
    items.reserve(array->size());
    for (const toml::node& item : *array) items.push_back(convert(item));
    to.value = std::move(items);
  }
  return to;
}

}  // namespace

std::string_view kind_of(const Node& node) {
  constexpr std::string_view kinds[] = {"a string",       "an integer", "a number", "true or false",
                                        "a date or time", "an array",   "a table"};
  return kinds[node.value.index()];
}

std::optional<Table> parse_toml(std::string_view text, const std::string& file, Problems& problems) {
  if (const std::uint32_t line = Depth{}.too_deep(text)) {
    problems.push_back({file, line, 1, "nested too deep; no key of ours needs more than three levels"});
    return {};
  }
  try {
    return convert_table(toml::parse(text, std::string_view{file}));
  } catch (const toml::parse_error& error) {
    const Place place = place_of(error.source());
    problems.push_back({file, place.line, place.column, fmt::format("not TOML: {}", error.description())});
    return {};
  }
}

std::optional<std::string> read_text(const std::filesystem::path& file, Problems& problems) {
  const auto trouble = [&](std::string text) {
    problems.push_back({file.string(), 0, 0, std::move(text)});
    return std::nullopt;
  };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) return trouble("no such file");
  if (!std::filesystem::is_regular_file(status)) return trouble("is not a regular file");
  if (std::filesystem::file_size(file, error) > largest_file || error) return trouble("is larger than 16 MiB");
  std::ifstream stream{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.is_open() || stream.bad()) return trouble("cannot be read");
  return text;
}

}  // namespace hazgate::settings
