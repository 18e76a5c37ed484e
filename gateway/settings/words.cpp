#include "settings/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/utf8.hpp"

namespace hazgate::settings {

namespace {

constexpr std::size_t longest_shown = 64;
constexpr std::size_t longest_id = 64;

template <class Number>
std::optional<Number> whole(std::string_view text, int base = 10) {
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return n;
}

bool id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string as_id(std::string_view text) {
  std::string id;
  for (const char c : text.substr(0, longest_id)) {
    const char next = id_character(c) ? c : '-';
    if (next != '-' || (!id.empty() && id.back() != '-')) id += next;
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& valid) {
  if (word.size() < 3 || word.size() > longest_id) return {};  // anything is near to two letters
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : valid) {
    // A length that differs by more than the best distance cannot win: spares the table for 5,000 ids.
    const std::size_t apart =
        candidate.size() > word.size() ? candidate.size() - word.size() : word.size() - candidate.size();
    if (apart >= least) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = &candidate;
    }
  }
  return best ? *best : std::string{};
}

std::string hint(std::string_view word, const std::vector<std::string>& valid) {
  const std::string near = nearest(word, valid);
  if (!near.empty()) return fmt::format("; did you mean \"{}\"?", near);
  if (valid.empty() || valid.size() > 12) return {};
  return fmt::format("; expected {}", fmt::join(valid, ", "));
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  const bool cut = text.size() > longest_shown;
  if (cut) {
    std::size_t end = longest_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
    text = text.substr(0, end);
  }
  while (!text.empty()) {
    const auto character = text.substr(0, std::max<std::size_t>(core::utf8_sequence(text), 1));
    text.remove_prefix(character.size());
    if (core::is_one_line(character)) {
      out += character;
    } else {
      for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + (cut ? "…\"" : "\"");
}

std::optional<std::chrono::milliseconds> duration_from(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> units{{{"ms", 1},
                                                                            {"s", 1000},
                                                                            {"m", 60'000},
                                                                            {"h", 3'600'000},
                                                                            {"d", 86'400'000},
                                                                            {"y", 365 * std::int64_t{86'400'000}}}};
  for (const auto& [unit, factor] : units) {
    if (!text.ends_with(unit)) continue;
    const auto count = whole<std::int64_t>(text.substr(0, text.size() - unit.size()));
    if (!count) continue;  // "5ms" ends with "s" too
    if (*count < 0 || *count > std::numeric_limits<std::int64_t>::max() / 86'400'000 / 365 / 1000) return {};
    return std::chrono::milliseconds{*count * factor};
  }
  return {};
}

std::optional<int> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return {};
  const auto hour = whole<unsigned>(text.substr(0, 2));
  const auto minute = whole<unsigned>(text.substr(3));
  if (!hour || !minute || *hour > 23 || *minute > 59) return {};
  return static_cast<int>(*hour * 60 + *minute);
}

std::optional<RegisterWord> register_from(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {};
  const auto table = modbus::table_from(text.substr(0, space));
  std::string_view number = text.substr(space + 1);
  const bool hex = number.starts_with("0x") || number.starts_with("0X");
  const auto address = hex ? whole<std::uint16_t>(number.substr(2), 16) : whole<std::uint16_t>(number);
  if (!table || !address) return {};
  return RegisterWord{*table, *address};
}

std::string id_trouble(std::string_view id) {
  constexpr std::string_view rule = "an id has 1 to 64 of A-Z a-z 0-9 . _ -";
  if (id.empty()) return fmt::format("is empty; {}", rule);
  if (id == "." || id == "..") return fmt::format("{} would be a folder; {}", in_quotes(id), rule);
  const bool good = std::ranges::all_of(id, id_character);
  if (good && id.size() <= longest_id) return {};
  const std::string better = as_id(id);
  const std::string suggestion =
      better.empty() ? "; other scripts belong into `name`" : fmt::format("; for example \"{}\"", better);
  return fmt::format("{} cannot be an id: {}{}", in_quotes(id), rule, suggestion);
}

}  // namespace hazgate::settings
