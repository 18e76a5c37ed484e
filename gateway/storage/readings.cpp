#include "storage/readings.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>

#include "storage/columns.hpp"
#include "storage/frame_blob.hpp"
#include "storage/frames_owed.hpp"
#include "storage/layouts.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
/// A third of the cost of a short row is that of its statement; beyond this number nothing more is gained.
constexpr std::size_t rows_a_statement = 16;

std::string insert_sql(std::size_t rows) {
  std::string sql = "INSERT INTO frame (id, layout, at, samples) VALUES (?,?,?,?)";
  for (std::size_t i = 1; i < rows; ++i) sql += ",(?,?,?,?)";
  return sql;
}
}  // namespace

struct Readings::Impl {
  Impl(SQLite::Database& database, const core::Site& site)
      : handle(database),
        layout_of_device(Layouts(database).of_devices(site)),
        one_row(database, insert_sql(1)),
        many_rows(database, insert_sql(rows_a_statement)),
        by_id(database, "SELECT id, layout, at, samples FROM frame WHERE id=?"),
        layout_reader(database),
        last_id(greatest_id(database)) {
    for (std::uint32_t device = 0; device < layout_of_device.size(); ++device)
      in_use.emplace(layout_of_device[device], InUse{core::DeviceIndex{device}, site.devices[device].point_count});
  }

  /// Left to itself SQLite would give the ids of deleted frames anew: a checkpoint would skip what is new, and a
  /// message that is still owed would take what is new for its own.
  static std::int64_t greatest_id(SQLite::Database& database) {
    auto greatest = database
                        .execAndGet(
                            "SELECT max(coalesce((SELECT max(id) FROM frame), 0), "
                            "(SELECT frame FROM compacted), coalesce((SELECT max(frame) FROM checkpoint), 0))")
                        .getInt64();
    SQLite::Statement owed(database,
                           "SELECT payload FROM outbox WHERE text_bytes IS NOT NULL ORDER BY id DESC LIMIT 1");
    if (!owed.executeStep()) return greatest;
    const SQLite::Column bytes = owed.getColumn(0);
    const auto message =
        frames_owed_from({static_cast<const char*>(bytes.getBlob()), static_cast<std::size_t>(bytes.getBytes())});
    if (message && !message->frames.empty()) greatest = std::max(greatest, message->frames.back());
    return greatest;
  }

  void append(const core::Frame& frame, std::span<const core::Sample> samples) {
    Row& row = rows.at(waiting);
    row.layout = layout_of_device.at(core::at(frame.device));
    row.at = frame.at;
    encode_frame(samples, frame.heartbeat, row.blob);
    if (++waiting < rows.size()) return;
    waiting = 0;
    insert(many_rows, rows);
  }
  void append_rest() {
    for (std::size_t done = 0; done < waiting; ++done) insert(one_row, std::span(rows).subspan(done, 1));
    waiting = 0;
  }

  /// False where there is none, or none that can be understood.
  bool with_frame(std::int64_t id, const std::function<void(const OwedFrame&)>& visit) {
    Use frame(by_id);
    frame->bind(1, id);
    if (!frame->executeStep()) return false;
    ColumnReader from(*frame);
    from.number();
    const auto number = from.number();
    const auto at = from.time().value_or(core::Timestamp{});
    const auto current = in_use.find(number);
    const auto layout = current == in_use.end() ? layout_reader.read(number) : std::nullopt;
    if (current == in_use.end() && !layout) return false;
    const auto most = layout ? layout->columns.size() : current->second.points;
    const auto view = FrameView::parse(from.bytes(), most);
    if (!view) return false;
    OwedFrame owed{.device = {}, .columns = {}, .at = at, .samples = *view};
    if (layout) {
      owed.columns = layout->columns;
    } else {
      owed.device = current->second.device;
    }
    visit(owed);
    return true;
  }

  struct Row {
    std::int64_t layout = 0;
    core::Timestamp at;
    std::vector<std::byte> blob;
  };
  void insert(SQLite::Statement& statement, std::span<const Row> frames) {
    Use use(statement);
    ColumnWriter to(*use);
    for (const Row& row : frames) {
      to.number(++last_id);
      to.number(row.layout);
      to.time(row.at);
      to.kept_bytes(row.blob);
    }
    use->exec();
  }

  SQLite::Database& handle;
  std::vector<std::int64_t> layout_of_device;
  SQLite::Statement one_row, many_rows, by_id;
  LayoutReader layout_reader;
  std::int64_t last_id;
  struct InUse {
    core::DeviceIndex device{};
    std::uint32_t points = 0;
  };
  std::unordered_map<std::int64_t, InUse> in_use;  ///< of the layouts of now
  std::array<Row, rows_a_statement> rows;
  std::size_t waiting = 0;  ///< in rows, for their statement
  std::uint64_t damaged = 0;
};

Readings::Readings(Database& database, const core::Site& site) {
  in_store("register the layouts", [&] { impl_ = std::make_unique<Impl>(database.handle(), site); });
}

Readings::~Readings() = default;

std::int64_t Readings::append(const core::Batch& batch) {
  return in_store("store readings", [&] {
    const auto first = impl_->last_id + 1;
    const std::span samples(batch.samples);
    impl_->waiting = 0;  // a batch before that failed is brought again as a whole
    for (const core::Frame& frame : batch.frames) {
      if (frame.first > samples.size() || frame.count > samples.size() - frame.first) {
        throw std::out_of_range("a frame reaches beyond the samples of its batch");
      }
      if (frame.count > 0) impl_->append(frame, samples.subspan(frame.first, frame.count));
    }
    impl_->append_rest();
    return first;
  });
}

void Readings::for_each(const std::function<void(const Stored&)>& visit) {
  for_each_frame_after(std::numeric_limits<std::int64_t>::min(), [&](const StoredFrame& frame) {
    for (std::size_t place = 0; place < frame.samples.size(); ++place) {
      const auto& [value, flag, doubt] = frame.samples[place];
      const Layout::Column& column = frame.columns[place];
      visit({.point_id = column.point, .unit = column.unit, .at = frame.at, .value = value, .flag = flag});
    }
  });
}

std::int64_t Readings::last_frame_id() const { return impl_->last_id; }

void Readings::for_each_frame_after(std::int64_t id, const std::function<void(const StoredFrame&)>& visit) {
  in_store("read the readings", [&] {
    impl_->damaged = 0;
    impl_->damaged = for_each_stored_frame(impl_->handle, {.after = id}, visit);
  });
}

bool Readings::with_frame(std::int64_t id, const std::function<void(const OwedFrame&)>& visit) {
  return in_store("read a frame", [&] { return impl_->with_frame(id, visit); });
}

std::uint64_t Readings::count() {
  std::uint64_t readings = 0;
  for_each_frame_after(std::numeric_limits<std::int64_t>::min(),
                       [&](const StoredFrame& frame) { readings += frame.samples.size(); });
  return readings;
}

std::uint64_t Readings::damaged_frames() const { return impl_->damaged; }

}  // namespace hazgate::storage
