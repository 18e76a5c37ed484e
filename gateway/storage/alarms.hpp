// Alarms as they stand, and every change of them for ever.
#pragma once

#include <memory>
#include <vector>

#include "core/alarm.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

class Alarms {
 public:
  /// `site` must outlive this.
  Alarms(Database& database, const core::Site& site);
  ~Alarms();

  /// Inside the caller's transaction: the alarm as it stands now, and one row of history. Throws StoreError.
  void save(const core::Alarm& alarm);
  /// Alarms that have not ended, for the points and devices that the site still has.
  std::vector<core::Alarm> open();
  /// Greatest number ever given; 0 in a new file.
  std::uint64_t last_number();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
