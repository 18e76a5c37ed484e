// Exposures: the figures of each point over each shift, as they stand until they are final, and then for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exposure.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"
#include "storage/homes.hpp"

namespace hazgate::storage {

/// A stored record as it comes back. The words are those of the day it was written and hold during the visit only.
struct StoredExposure {
  std::string_view point, shift;
  std::string_view agent;         ///< empty: nothing is judged
  std::string_view unit;          ///< of all figures
  std::string_view limit_source;  ///< standard and clause of figures.limit
  core::Exposure figures;         ///< point and shift are not set: the site of then need not be that of now
};

/// Which records: of shifts that began on these local days, both included, of points and shifts that the site has.
struct ExposureFilter {
  std::int32_t first_day = 0, last_day = 0;  ///< since 1970-01-01
  std::size_t limit = 100;
  std::string enterprise = {}, workplace = {}, point = {};  ///< empty: any; as it was when the shift began
};
struct PlacedExposure {
  core::Exposure figures;
  Home home;  ///< when the shift began
};
struct ExposurePage {
  std::vector<PlacedExposure> exposures;  ///< the newest, by begin, shift and point
  bool more = false;                      ///< there are older ones
};

class Exposures {
 public:
  /// `site` must outlive this.
  Exposures(Database& database, const core::Site& site);
  ~Exposures();

  /// Inside the caller's transaction: the record takes the place of the one before it of the same point, shift and
  /// window. False when that one is final: it stays as it is, and what a replay brings once more changes nothing.
  /// No allocation a record once the first is through. Throws StoreError.
  bool save(const core::Exposure& exposure);

  /// Records of windows that begin in [from, to), by begin, shift and point. `visit` must not save.
  void for_each(core::Timestamp from, core::Timestamp to, const std::function<void(const StoredExposure&)>& visit);
  /// No more of them are held than the limit, however many there are.
  ExposurePage newest(const ExposureFilter& filter);
  /// Final records of shifts that began on these local days at the enterprise (empty: any), by begin, shift and point:
  /// also of points that the site no longer has. The filter's limit, workplace and point count for nothing.
  void for_each_final(const ExposureFilter& filter,
                      const std::function<void(const StoredExposure&, const Home&)>& visit);
  /// Records that are not final yet, in the same order, for the points and shifts that the site still has.
  std::vector<core::Exposure> open();
  /// Of a workplace, the last final record of every point and shift that began within a day before the newest, alike;
  /// none of what its points were somewhere else.
  std::vector<core::Exposure> latest_finals(core::WorkplaceIndex workplace);

  /// True for a point and shift of the site whose open record will be gone on with.
  using GoesOn = std::function<bool(core::PointIndex, core::ShiftIndex)>;
  /// Inside the caller's transaction: open records of shifts that ended by `now` become final with what is missing,
  /// where nobody goes on with them (points that the configuration lost). When the next of those is due.
  std::optional<core::Timestamp> end_with_gap(core::Timestamp now, const GoesOn& goes_on);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
