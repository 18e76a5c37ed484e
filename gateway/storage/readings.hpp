// Readings as frames in arrival order: one row a device poll, no index on time or series; read
// back also from the chunks that they become.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"
#include "storage/frame_blob.hpp"
#include "storage/stored_frames.hpp"

namespace hazgate::storage {

class Readings {
 public:
  /// Registers each device's layout (point ids and units, in order) under a durable number; a layout that is already
  /// there is found again, a changed one gets a new number: old frames keep their meaning for ever.
  Readings(Database& database, const core::Site& site);
  ~Readings();

  /// Every frame of the batch, inside the caller's transaction; its alarms are for Alarms. A frame holds the first
  /// `count` points of its device, or all. No allocation a frame. Ids are given one after the other, to each frame that
  /// has samples; returns the first of them. Throws StoreError.
  std::int64_t append(const core::Batch& batch);

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

  /// Every frame that is kept and was appended so far has this id or a smaller one; every frame from now on has a
  /// greater one: also after a rollback, after a restart, and when the last frames have been deleted since. Ids may
  /// have holes.
  std::int64_t last_frame_id() const;
  using StoredFrame = storage::StoredFrame;
  /// Frames with an id above `id` in arrival order, one at a time in memory, or where they are compacted an hour.
  /// `visit` must not append.
  void for_each_frame_after(std::int64_t id, const std::function<void(const StoredFrame&)>& visit);
  /// A frame for the message that it is owed in.
  struct OwedFrame {
    std::optional<core::DeviceIndex> device;  ///< where its samples are the points that the device has now
    std::span<const Layout::Column> columns;  ///< else what they were
    core::Timestamp at;
    const FrameView& samples;
  };
  /// The frame of that id; false when there is none or it cannot be understood. No allocation where `device` is set.
  bool with_frame(std::int64_t id, const std::function<void(const OwedFrame&)>& visit);
  std::uint64_t count();  ///< readings, not frames; reads the whole table
  /// Frames that the last for_each(), for_each_frame_after() or count() skipped.
  std::uint64_t damaged_frames() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
