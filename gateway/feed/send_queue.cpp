#include "feed/send_queue.hpp"

#include <algorithm>

namespace hazgate::feed {

SendQueue::SendQueue(Pause refused_first, Pause refused_most)
    : refused_first_(refused_first), refused_most_(refused_most) {}

void SendQueue::offer(Message message) {
  Lane& lane = lanes_[message.urgent ? alarms_lane : readings_lane];
  lane.waiting.emplace_hint(lane.waiting.end(), ++last_place_, std::move(message));
}

void SendQueue::status(Message message) {
  Lane& lane = lanes_[status_lane];
  lane.waiting.clear();
  for (auto& [topic, held] : lane.held) held.messages.clear();
  birth_ = message;
  lane.waiting.emplace(++last_place_, std::move(message));
}

void SendQueue::connected(std::size_t window) {
  window_ = window;
  if (lanes_[status_lane].waiting.empty() && birth_) status(*birth_);
}

void SendQueue::disconnected() {
  window_ = 0;
  readings_ = urgent_ = {};
  for (auto& [ticket, sent] : in_flight_) {
    // The status is not history: only the newest is of use, and connected() brings it.
    if (sent.lane != status_lane) lanes_[sent.lane].waiting.emplace(sent.place, std::move(sent.message));
  }
  in_flight_.clear();
}

void SendQueue::release_due(Lane& lane, Time now) {
  for (auto& [topic, held] : lane.held) {
    if (!held.until || *held.until > now) continue;
    held.until.reset();
    lane.waiting.merge(held.messages);
  }
}

/// Moves the foremost message to its topic's waiting place; false when the topic is free.
bool SendQueue::hold_back(Lane& lane) {
  if (lane.held.empty()) return false;
  auto held = lane.held.find(lane.waiting.begin()->second.topic);
  if (held == lane.held.end() || !held->second.until) return false;
  held->second.messages.insert(lane.waiting.extract(lane.waiting.begin()));
  return true;
}

bool SendQueue::has_room(std::size_t lane) const {
  if (in_flight_.size() >= window_) return false;
  if (lane != readings_lane) return urgent_.bytes < byte_window;
  const auto left_to_alarms = window_ > 1 ? std::max<std::size_t>(1, window_ / 8) : 0;
  return readings_.messages < window_ - left_to_alarms && readings_.bytes < byte_window;
}

std::optional<SendQueue::Sending> SendQueue::next(Time now) {
  for (std::size_t i = 0; i < (status_only_ ? 1 : lanes_.size()); ++i) {
    if (!has_room(i)) continue;
    Lane& lane = lanes_[i];
    release_due(lane, now);
    while (!lane.waiting.empty() && hold_back(lane)) {
    }
    if (lane.waiting.empty()) continue;
    auto node = lane.waiting.extract(lane.waiting.begin());
    auto sent =
        in_flight_.emplace_hint(in_flight_.end(), ++last_ticket_, InFlight{i, node.key(), std::move(node.mapped())});
    ++load_of(i).messages;
    load_of(i).bytes += size_of(sent->second.message);
    return Sending{sent->first, &sent->second.message};
  }
  return std::nullopt;
}

/// Out of flight.
SendQueue::InFlight SendQueue::take_back(std::map<std::uint64_t, InFlight>::iterator sent) {
  InFlight entry = std::move(sent->second);
  in_flight_.erase(sent);
  --load_of(entry.lane).messages;
  load_of(entry.lane).bytes -= size_of(entry.message);
  return entry;
}

std::optional<std::int64_t> SendQueue::acknowledged(std::uint64_t ticket) {
  auto sent = in_flight_.find(ticket);
  if (sent == in_flight_.end()) return std::nullopt;
  const InFlight entry = take_back(sent);
  Lane& lane = lanes_[entry.lane];
  auto held = lane.held.empty() ? lane.held.end() : lane.held.find(entry.message.topic);
  if (held != lane.held.end()) {
    lane.waiting.merge(held->second.messages);
    lane.held.erase(held);
  }
  return entry.message.id;
}

std::optional<SendQueue::Refusal> SendQueue::refused(std::uint64_t ticket, Time now) {
  auto sent = in_flight_.find(ticket);
  if (sent == in_flight_.end()) return std::nullopt;
  InFlight entry = take_back(sent);
  std::string topic = entry.message.topic;
  if (entry.message.reply) return Refusal{std::move(topic), false};
  Held& held = lanes_[entry.lane].held[topic];
  // One pause for a whole window of refusals, not one each.
  if (!held.until) {
    auto pause = refused_first_ * (1 << std::min(held.refusals++, 10));
    held.until = now + std::min(pause, refused_most_);
  }
  bool outdated = entry.lane == status_lane && (!held.messages.empty() || !lanes_[status_lane].waiting.empty());
  if (!outdated) held.messages.emplace(entry.place, std::move(entry.message));
  return Refusal{std::move(topic), true};
}

std::size_t SendQueue::waiting_in(const Lane& lane) {
  std::size_t count = lane.waiting.size();
  for (const auto& [topic, held] : lane.held) count += held.messages.size();
  return count;
}

std::size_t SendQueue::waiting() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += waiting_in(lane);
  return count;
}

}  // namespace hazgate::feed
