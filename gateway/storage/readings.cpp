#include "storage/readings.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <limits>

#include "storage/frame_blob.hpp"
#include "storage/layouts.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
constexpr std::int64_t before_all = std::numeric_limits<std::int64_t>::min();
}

struct Readings::Impl {
  Impl(SQLite::Database& database, const core::Site& site)
      : handle(database),
        layout_of_device(Layouts(database).of_devices(site)),
        insert(database, "INSERT INTO frame (id, layout, at, samples) VALUES (?,?,?,?)"),
        // Left to itself SQLite would give the ids of deleted frames anew, and a checkpoint would skip what is new.
        last_id(database
                    .execAndGet("SELECT max(coalesce((SELECT max(id) FROM frame), 0), "
                                "coalesce((SELECT max(frame) FROM checkpoint), 0))")
                    .getInt64()) {}

  void append(const core::Frame& frame, std::span<const core::Sample> samples) {
    encode_frame(samples, blob);
    Use use(insert);
    use->bind(1, last_id + 1);
    use->bind(2, layout_of_device.at(core::at(frame.device)));
    use->bind(3, static_cast<std::int64_t>(frame.at.time_since_epoch().count()));
    use->bindNoCopy(4, blob.data(), static_cast<int>(blob.size()));
    use->exec();
    ++last_id;
  }

  template <class Visit>
  void for_each_frame_after(std::int64_t id, Visit visit) {
    damaged = 0;
    const Layouts layouts(handle);
    SQLite::Statement frames(handle, "SELECT id, layout, at, samples FROM frame WHERE id>? ORDER BY id");
    frames.bind(1, id);
    while (frames.executeStep()) {
      const Layout* layout = layouts.find(frames.getColumn(1).getInt64());
      const core::Timestamp at{core::Duration(frames.getColumn(2).getInt64())};
      const SQLite::Column samples = frames.getColumn(3);
      const auto size = static_cast<std::size_t>(samples.getBytes());
      const std::span bytes(static_cast<const std::byte*>(samples.getBlob()), size);
      const auto view = layout == nullptr ? std::nullopt : FrameView::parse(bytes, layout->columns.size());
      if (view) {
        visit(*layout, frames.getColumn(0).getInt64(), at, *view);
      } else {
        ++damaged;
      }
    }
  }

  SQLite::Database& handle;
  std::vector<std::int64_t> layout_of_device;
  SQLite::Statement insert;
  std::int64_t last_id;
  std::vector<std::byte> blob;
  std::uint64_t damaged = 0;
};

Readings::Readings(Database& database, const core::Site& site) {
  in_store("register the layouts", [&] { impl_ = std::make_unique<Impl>(database.handle(), site); });
}

Readings::~Readings() = default;

void Readings::append(const core::Batch& batch) {
  in_store("store readings", [&] {
    const std::span samples(batch.samples);
    for (const core::Frame& frame : batch.frames) {
      if (frame.first > samples.size() || frame.count > samples.size() - frame.first) {
        throw std::out_of_range("a frame reaches beyond the samples of its batch");
      }
      if (frame.count > 0) impl_->append(frame, samples.subspan(frame.first, frame.count));
    }
  });
}

void Readings::for_each(const std::function<void(const Stored&)>& visit) {
  in_store("read the readings", [&] {
    impl_->for_each_frame_after(before_all, [&](const Layout& layout, std::int64_t, core::Timestamp at,
                                                const FrameView& frame) {
      for (std::size_t place = 0; place < frame.size(); ++place) {
        const core::Sample sample = frame[place];
        const Layout::Column& column = layout.columns[place];
        visit({.point_id = column.point, .unit = column.unit, .at = at, .value = sample.value, .flag = sample.flag});
      }
    });
  });
}

std::int64_t Readings::last_frame_id() const { return impl_->last_id; }

void Readings::for_each_frame_after(std::int64_t id, const std::function<void(const StoredFrame&)>& visit) {
  in_store("read the readings", [&] {
    std::vector<core::Sample> samples;
    impl_->for_each_frame_after(
        id, [&](const Layout& layout, std::int64_t number, core::Timestamp at, const FrameView& frame) {
          samples.clear();
          for (std::size_t place = 0; place < frame.size(); ++place) samples.push_back(frame[place]);
          visit({.id = number, .device_id = layout.device, .columns = layout.columns, .at = at, .samples = samples});
        });
  });
}

std::uint64_t Readings::count() {
  std::uint64_t readings = 0;
  in_store("count the readings", [&] {
    impl_->for_each_frame_after(before_all, [&](const Layout&, std::int64_t, core::Timestamp, const FrameView& frame) {
      readings += frame.size();
    });
  });
  return readings;
}

std::uint64_t Readings::damaged_frames() const { return impl_->damaged; }

}  // namespace hazgate::storage
