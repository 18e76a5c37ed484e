#include "app/readings_messages.hpp"

#include <utility>

namespace hazgate::app {

namespace {
constexpr std::uint32_t most_readings_a_message = 1000;

/// A text of a hundred kilobytes that grows piece by piece is copied as often, and tears holes into the heap.
std::size_t room_for(std::size_t size_before) { return size_before + size_before / 8; }
}  // namespace

ReadingsMessages::ReadingsMessages(const core::Site& site, storage::Readings& readings, storage::Outbox& outbox)
    : site_(site), readings_(readings), outbox_(outbox), encoder_(site), messages_(site.workplaces.size()) {
  for (std::uint32_t i = 0; i < site.workplaces.size(); ++i)
    topics_.push_back(feed::readings_topic(site, core::WorkplaceIndex{i}));
}

void ReadingsMessages::owe(const core::Batch& batch, std::int64_t first_frame, core::Timestamp now,
                           std::vector<storage::OutboxRow>& rows) {
  const Call call{.now = now, .thinned = {}, .rows = rows};
  auto next_frame = first_frame;
  for (const auto& frame : batch.frames) {
    if (frame.count == 0) continue;  // a device of states or outputs only, which leaves nothing in the store either
    const auto& device = site_.devices[core::at(frame.device)];
    auto& message = message_for(device.workplace, frame.count, call);
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const auto& sample = batch.samples[frame.first + i];
      const core::PointIndex point{static_cast<std::uint32_t>(core::at(device.first_point) + i)};
      encoder_.add(message.text, {point, frame.at, sample.value, sample.flag});
    }
    message.frames.frames.push_back(next_frame++);
  }
  finish_all(call);
}

void ReadingsMessages::owe_means(std::span<const core::Reading> means, std::string_view reason, core::Timestamp now,
                                 std::vector<storage::OutboxRow>& rows) {
  const Call call{.now = now, .thinned = reason, .rows = rows};
  for (const auto& mean : means)
    encoder_.add(message_for(site_.points[core::at(mean.point)].workplace, 1, call).text, mean);
  finish_all(call);
}

void ReadingsMessages::forget() {
  for (auto& message : messages_) message = {};
  touched_.clear();
}

ReadingsMessages::Message& ReadingsMessages::message_for(core::WorkplaceIndex workplace, std::uint32_t readings,
                                                         const Call& call) {
  auto& message = messages_[core::at(workplace)];
  if (message.readings + readings > most_readings_a_message) finish(workplace, call);
  if (message.readings == 0) {
    message.frames = {.gateway = site_.gateway_id,
                      .seq = outbox_.next_seq(topics_[core::at(workplace)]),
                      .sent_at = call.now,
                      .frames = {}};
    message.text.reserve(room_for(message.last_size));
    feed::ReadingsEncoder::begin(message.text, site_.gateway_id, message.frames.seq, call.now);
    touched_.push_back(workplace);
  }
  message.readings += readings;
  return message;
}

void ReadingsMessages::finish(core::WorkplaceIndex workplace, const Call& call) {
  auto& message = messages_[core::at(workplace)];
  if (message.readings == 0) return;
  feed::ReadingsEncoder::end(message.text, {.thinned = call.thinned});
  message.last_size = message.text.size();
  message.readings = 0;
  storage::OutboxRow row{.topic = topics_[core::at(workplace)], .payload = std::exchange(message.text, {})};
  // Means stand in no frame.
  row.id = call.thinned.empty() ? outbox_.append(row.topic, message.frames, row.payload.size())
                                : outbox_.append(row.lane, row.retain, row.topic, row.payload);
  call.rows.push_back(std::move(row));
}

void ReadingsMessages::finish_all(const Call& call) {
  for (const auto workplace : touched_) finish(workplace, call);
  touched_.clear();
}

/// False where the store is damaged there: one bad page must not hold back all that comes behind it.
bool ReadingsMessages::append_frame(std::string& text, std::int64_t id) const {
  try {
    return readings_.with_frame(id, [&](const storage::Readings::OwedFrame& frame) {
      for (std::size_t i = 0; i < frame.samples.size(); ++i) {
        const auto sample = frame.samples[i];
        if (frame.device) {
          const auto first = core::at(site_.devices[core::at(*frame.device)].first_point);
          encoder_.add(text,
                       {core::PointIndex{static_cast<std::uint32_t>(first + i)}, frame.at, sample.value, sample.flag});
        } else {
          feed::ReadingsEncoder::add(text, frame.columns[i].point, frame.columns[i].unit, frame.at, sample);
        }
      }
    });
  } catch (const storage::StoreError& e) {
    if (e.worth_retry()) throw;
    return false;
  }
}

std::string ReadingsMessages::text_of(const storage::FramesOwed& message) {
  std::string text;
  text.reserve(room_for(last_owed_size_));
  std::size_t unreadable = 0;
  feed::ReadingsEncoder::begin(text, message.gateway, message.seq, message.sent_at);
  for (const auto id : message.frames)
    if (!append_frame(text, id)) ++unreadable;
  feed::ReadingsEncoder::end(text, {.unreadable = unreadable});
  last_owed_size_ = text.size();
  return text;
}

}  // namespace hazgate::app
