// What the frames of each device contain, under a number that holds for ever.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/site.hpp"

namespace SQLite {
class Database;
}

namespace hazgate::storage {

struct Layout {
  struct Column {
    std::string point, unit;
    friend auto operator<=>(const Column&, const Column&) = default;
  };
  std::string device;
  std::vector<Column> columns;
  friend auto operator<=>(const Layout&, const Layout&) = default;
};

/// Reads one layout a time, for a reader of few frames.
class LayoutReader {
 public:
  explicit LayoutReader(SQLite::Database& database);
  ~LayoutReader();
  /// Empty when the file has no such layout.
  std::optional<Layout> read(std::int64_t number);

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

/// Every layout of a file. Needed to read it and at start; of a large site it is too much to keep.
class Layouts {
 public:
  explicit Layouts(SQLite::Database& database);

  /// The number of each device's layout; those of the site that are new are added, in one transaction.
  std::vector<std::int64_t> of_devices(const core::Site& site);
  /// nullptr when the file has no such layout.
  const Layout* find(std::int64_t number) const;

 private:
  std::int64_t add(const Layout& layout);
  void remember(Layout layout, std::int64_t number);

  SQLite::Database& database_;
  std::map<Layout, std::int64_t> numbers_;
  std::unordered_map<std::int64_t, const Layout*> by_number_;
};

}  // namespace hazgate::storage
