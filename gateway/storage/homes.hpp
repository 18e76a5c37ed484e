// Where points were, and whose: a device that goes to another enterprise leaves its past behind.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/site.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

struct Home {
  core::Timestamp since;
  std::string workplace, enterprise;  ///< ids
};

/// Notes, inside the caller's transaction, what points have come and which stand elsewhere than before. How many moved.
/// Throws StoreError.
std::size_t note_homes(Database& database, const core::Site& site, core::Timestamp now);

/// The points that were ever moved, as the store knows them when this is made. Throws StoreError.
class Moves {
 public:
  Moves(Database& database, const core::Site& site);

  /// Workplace and enterprise of a point at that time; of one that never moved where the site has it.
  Home at(core::PointIndex point, core::Timestamp when) const;
  /// Whether it was this enterprise's all the time from `from` until before `to`.
  bool was_of(core::PointIndex point, std::string_view enterprise, core::Timestamp from, core::Timestamp to) const;

 private:
  const std::vector<Home>* of(core::PointIndex point) const;
  const core::Site& site_;
  std::map<std::string, std::vector<Home>, std::less<>> homes_;  ///< of each point that moved, in order
};

/// Every point that ever was, also those that the site no longer has.
class Homes {
 public:
  /// Throws StoreError.
  explicit Homes(Database& database);
  /// Empty for a point that no run of the gateway ever had (one that was removed before homes were noted).
  std::optional<Home> at(std::string_view point, core::Timestamp when) const;

 private:
  std::map<std::string, std::vector<Home>, std::less<>> homes_;
};

}  // namespace hazgate::storage
