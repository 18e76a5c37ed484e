#include "storage/readings.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/frame_blob.hpp"
#include "storage/layouts.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

struct Readings::Impl {
  Impl(SQLite::Database& database, const core::Site& site)
      : handle(database),
        layouts(database, site),
        insert(database, "INSERT INTO frame (layout, at, samples) VALUES (?,?,?)") {}

  void append(const core::Frame& frame, std::span<const core::Sample> samples) {
    encode_frame(samples, blob);
    Use use(insert);
    use->bind(1, layouts.number_of(frame.device));
    use->bind(2, static_cast<std::int64_t>(frame.at.time_since_epoch().count()));
    use->bindNoCopy(3, blob.data(), static_cast<int>(blob.size()));
    use->exec();
  }

  template <class Visit>
  void for_each_frame(Visit visit) {
    damaged = 0;
    SQLite::Statement frames(handle, "SELECT layout, at, samples FROM frame ORDER BY id");
    while (frames.executeStep()) {
      const Layout* layout = layouts.find(frames.getColumn(0).getInt64());
      const core::Timestamp at{core::Duration(frames.getColumn(1).getInt64())};
      const SQLite::Column samples = frames.getColumn(2);
      const auto size = static_cast<std::size_t>(samples.getBytes());
      const std::span bytes(static_cast<const std::byte*>(samples.getBlob()), size);
      const auto view = layout == nullptr ? std::nullopt : FrameView::parse(bytes, layout->columns.size());
      if (view) {
        visit(*layout, at, *view);
      } else {
        ++damaged;
      }
    }
  }

  SQLite::Database& handle;
  Layouts layouts;
  SQLite::Statement insert;
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
    impl_->for_each_frame([&](const Layout& layout, core::Timestamp at, const FrameView& frame) {
      for (std::size_t place = 0; place < frame.size(); ++place) {
        const core::Sample sample = frame[place];
        const Layout::Column& column = layout.columns[place];
        visit({.point_id = column.point, .unit = column.unit, .at = at, .value = sample.value, .flag = sample.flag});
      }
    });
  });
}

std::uint64_t Readings::count() {
  std::uint64_t readings = 0;
  in_store("count the readings", [&] {
    impl_->for_each_frame([&](const Layout&, core::Timestamp, const FrameView& frame) { readings += frame.size(); });
  });
  return readings;
}

std::uint64_t Readings::damaged_frames() const { return impl_->damaged; }

}  // namespace hazgate::storage
