#include "web/live.hpp"

#include <algorithm>

namespace hazgate::web {

Bytes Seat::take() {
  if (needs_snapshot_) {
    needs_snapshot_ = false;
    return snapshot_();
  }
  if (frames_.empty()) return nullptr;
  auto frame = std::move(frames_.front());
  frames_.pop_front();
  bytes_ -= frame->size();
  return frame;
}

/// A frame that a coming snapshot holds already is of no use.
void Seat::offer(const Bytes& frame) {
  if (!needs_snapshot_) {
    frames_.push_back(frame);
    bytes_ += frame->size();
    if (frames_.size() > most_frames || bytes_ > most_bytes) {
      frames_.clear();
      bytes_ = 0;
      needs_snapshot_ = true;
      ++begun_again_;
    }
  }
  woken_.notify();
}

std::shared_ptr<Seat> Live::join(boost::asio::any_io_executor executor, const Viewer& viewer) {
  std::erase_if(seats_, [](const auto& seat) { return seat.expired(); });
  if (seats_.size() >= most_seats) return nullptr;
  auto seat = std::make_shared<Seat>(std::move(executor), viewer.role == Role::enterprise ? viewer.enterprise : "",
                                     [this, viewer] { return api_.snapshot(viewer); });
  seats_.push_back(seat);
  return seat;
}

void Live::publish(const std::string& enterprise, const Bytes& frame) {
  for (const auto& weak : seats_) {
    const auto seat = weak.lock();
    if (!seat || seat->enterprise_ != enterprise) continue;
    const auto before = seat->begun_again_;
    seat->offer(frame);
    begun_again_ += seat->begun_again_ - before;
  }
}

bool Live::is_watched(const std::string& enterprise) const {
  return std::ranges::any_of(seats_, [&](const auto& weak) {
    const auto seat = weak.lock();
    return seat && seat->enterprise_ == enterprise;
  });
}

std::size_t Live::watchers() const {
  return static_cast<std::size_t>(std::ranges::count_if(seats_, [](const auto& seat) { return !seat.expired(); }));
}

}  // namespace hazgate::web
