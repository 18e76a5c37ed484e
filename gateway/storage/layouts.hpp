// What the frames of each device contain, under a number that holds for ever.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
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

class Layouts {
 public:
  /// Reads every layout of the file and adds those of the site that are new, in one transaction.
  Layouts(SQLite::Database& database, const core::Site& site);

  std::int64_t number_of(core::DeviceIndex device) const { return of_device_.at(core::at(device)); }
  /// nullptr when the file has no such layout.
  const Layout* find(std::int64_t number) const;

 private:
  void load(SQLite::Database& database);
  std::int64_t add(SQLite::Database& database, const Layout& layout);
  void remember(Layout layout, std::int64_t number);

  std::map<Layout, std::int64_t> numbers_;
  std::unordered_map<std::int64_t, const Layout*> by_number_;
  std::vector<std::int64_t> of_device_;
};

}  // namespace hazgate::storage
