// A TOML file as a tree of our own, each value with its place. The only door to toml++.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "settings/problem.hpp"

namespace hazgate::settings {

/// 1-based.
struct Place {
  std::uint32_t line = 0, column = 0;
};

struct Node;
struct Entry;
using Array = std::vector<Node>;
using Table = std::vector<Entry>;  ///< in the order of the file
struct DateOrTime {};              ///< no key of ours takes one

struct Node {
  std::variant<std::string, std::int64_t, double, bool, DateOrTime, Array, Table> value;
  Place place;
};
struct Entry {
  std::string key;
  Place key_place;
  Node node;
};

/// "a string", "an integer", …: for messages.
std::string_view kind_of(const Node& node);

/// Syntax errors, foreign bytes and hostile nesting become one Problem and no tree.
std::optional<Table> parse_toml(std::string_view text, const std::string& file, Problems& problems);

/// The whole of a regular file of at most 16 MiB; a Problem otherwise.
std::optional<std::string> read_text(const std::filesystem::path& file, Problems& problems);

}  // namespace hazgate::settings
