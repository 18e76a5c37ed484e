// Readings as frames in arrival order: one row a device poll, no index on time or series.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

class Readings {
 public:
  /// Registers each device's layout (point ids and units, in order) under a durable number; a layout that is already
  /// there is found again, a changed one gets a new number: old frames keep their meaning for ever.
  Readings(Database& database, const core::Site& site);
  ~Readings();

  /// Every frame of the batch, inside the caller's transaction; its alarms are for Alarms. A frame holds the first
  /// `count` points of its device, or all. No allocation a frame. Throws StoreError.
  void append(const core::Batch& batch);

  /// A stored reading as it comes back; point id and unit from its layout.
  struct Stored {
    std::string_view point_id;
    std::string_view unit;
    core::Timestamp at;
    double value;
    core::Flag flag;
  };
  /// Every stored reading in arrival order. A frame that cannot be understood is skipped and counted.
  void for_each(const std::function<void(const Stored&)>& visit);
  std::uint64_t count();  ///< readings, not frames; reads the whole table
  /// Frames that the last for_each() or count() skipped.
  std::uint64_t damaged_frames() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
