// What is still owed to subscribers: written with what it announces, deleted after PUBACK and not before.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"
#include "storage/frames_owed.hpp"

namespace hazgate::storage {

/// Alarms go first; each lane keeps its order.
enum class Lane : std::uint8_t { alarm = 0, readings = 1 };

struct OutboxRow {
  std::int64_t id = 0;
  Lane lane = Lane::readings;
  bool retain = false;
  std::string topic;
  std::string payload;               ///< empty where the message is made of frames
  std::optional<FramesOwed> frames;  ///< what it is made of
  bool damaged = false;              ///< it should name frames, and does not
};

struct OutboxDepth {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  ///< of the messages as they will be sent
};

class Outbox {
 public:
  explicit Outbox(Database& database);
  ~Outbox();

  /// The next number of a stream (a topic, or "<enterprise>/alarm"): 1, 2, 3 … gapless, durable with the transaction.
  /// A rolled-back transaction gives its numbers back: call rolled_back().
  std::uint64_t next_seq(std::string_view stream);
  /// Id of the row: greater than every one before it, never given twice. Inside the caller's transaction, as
  /// next_seq().
  std::int64_t append(Lane lane, bool retain, std::string_view topic, std::string_view payload);
  /// A message of the readings lane that is made of frames, `text_bytes` long when it is sent.
  std::int64_t append(std::string_view topic, const FramesOwed& message, std::size_t text_bytes);
  /// Delivered rows; ids that are not there are no error. In the caller's transaction or, without one, in its own.
  void remove(std::span<const std::int64_t> ids);
  /// The caller's transaction is gone: depth() is read from the file again, as soon as the file can be read.
  void rolled_back() noexcept;

  /// Rows of a lane with an id above `after`, oldest first.
  std::vector<OutboxRow> owed(Lane lane, std::int64_t after, std::size_t limit);
  /// Id of the oldest row that is owed; none where none is.
  std::optional<std::int64_t> oldest();
  OutboxDepth depth() const;  ///< kept current in memory

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
