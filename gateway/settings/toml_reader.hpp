// Reads one table strictly: every key is asked for by name and type, what was not asked for is an unknown key.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings/toml_document.hpp"

namespace hazgate::settings {

template <class Value>
struct Range {
  Value least{}, greatest{};
};

template <class Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

/// Where problems of one file go.
struct Report {
  std::string file;
  Problems& problems;
  void add(Place place, std::string text) const;
};

/// A missing key gives no value and no problem, a bad one no value and a problem; require() reports the missing.
class TomlReader {
 public:
  TomlReader(const Table& table, Place place, std::string path, const Report& report);

  std::optional<std::string> text(const std::string& key);
  std::optional<std::int64_t> integer(const std::string& key, Range<std::int64_t> range);
  std::optional<double> number(const std::string& key);
  std::optional<bool> flag(const std::string& key);
  std::optional<std::chrono::milliseconds> duration(const std::string& key, Range<std::chrono::milliseconds> range);
  std::optional<std::vector<double>> numbers(const std::string& key);
  std::optional<std::vector<std::string>> texts(const std::string& key);
  /// One string stands for a list of one.
  std::optional<std::vector<std::string>> text_or_texts(const std::string& key);
  /// [[key]]
  std::vector<TomlReader> tables(const std::string& key);
  /// [key]
  std::optional<TomlReader> table(const std::string& key);
  /// Keys and their text values, e.g. map = {1 = "N"}.
  std::optional<std::vector<std::pair<std::string, std::string>>> text_map(const std::string& key);

  /// The element of a closed set that a word names.
  template <class Enum>
  std::optional<Enum> choice(const std::string& key, const Choices<Enum>& choices) {
    const auto word = text(key);
    if (!word) return {};
    std::vector<std::string> words;
    for (const auto& [name, value] : choices) {
      if (name == *word) return value;
      words.push_back(name);
    }
    wrong_word(key, *word, words);
    return {};
  }

  bool has(const std::string& key) const;
  /// False and a problem when the key is absent.
  bool require(const std::string& key, std::string_view why = "is required");
  /// The key is known here though nobody reads it: finish() will not call it unknown.
  void note(const std::string& key) { known_.push_back(key); }
  /// At the key's value; at the table where the key is absent.
  void problem(const std::string& key, const std::string& text) const;
  void problem(const std::string& text) const;
  /// Keys nobody asked for.
  void finish() const;
  const std::string& path() const { return path_; }

 private:
  const Node* find(const std::string& key);
  const Entry* entry(const std::string& key) const;
  void wrong_kind(const std::string& key, const Node& node, std::string_view expected) const;
  void wrong_word(const std::string& key, const std::string& word, const std::vector<std::string>& words) const;
  std::string path_of(const std::string& key) const;

  const Table* table_;
  Place place_;
  std::string path_;
  const Report* report_;
  std::vector<std::string> known_;
};

}  // namespace hazgate::settings
