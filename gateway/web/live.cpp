#include "web/live.hpp"

#include <algorithm>

namespace hazgate::web {

Seat::Seat(boost::asio::any_io_executor executor, std::shared_ptr<Seats> seats, std::string user,
           std::string enterprise, std::function<Bytes()> snapshot)
    : seats_(std::move(seats)),
      user_(std::move(user)),
      enterprise_(std::move(enterprise)),
      make_snapshot_(std::move(snapshot)),
      woken_(std::move(executor)) {
  auto& of_user = seats_->of_user[user_];
  seats_->of_enterprise[enterprise_].seats.push_back(this);  // the last that can fail
  ++of_user;
  ++seats_->taken;
}

Seat::~Seat() {
  const auto mine = seats_->of_enterprise.find(enterprise_);
  std::erase(mine->second.seats, this);
  if (mine->second.seats.empty()) seats_->of_enterprise.erase(mine);
  const auto me = seats_->of_user.find(user_);
  if (--me->second == 0) seats_->of_user.erase(me);
  --seats_->taken;
}

/// Made once for all who see the same and begin between two frames.
Bytes Seat::snapshot() {
  auto& shared = seats_->of_enterprise.at(enterprise_).snapshot;
  if (!shared) shared = make_snapshot_();
  return shared;
}

Bytes Seat::take() {
  if (needs_snapshot_) {
    auto begin = snapshot();
    needs_snapshot_ = false;
    return begin;
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
  const auto same = seats_->of_user.find(viewer.user);
  const auto has = same == seats_->of_user.end() ? 0 : same->second;
  if (seats_->taken >= bounds_.seats || has >= bounds_.seats_of_a_user) return nullptr;
  return std::shared_ptr<Seat>(new Seat(std::move(executor), seats_, viewer.user,
                                        viewer.role == Role::enterprise ? viewer.enterprise : "",
                                        [&api = api_, viewer] { return api.snapshot(viewer); }));
}

void Live::publish(const std::string& enterprise, const Bytes& frame) {
  const auto found = seats_->of_enterprise.find(enterprise);
  if (found == seats_->of_enterprise.end()) return;
  found->second.snapshot = nullptr;
  for (auto* seat : found->second.seats) {
    const auto before = seat->begun_again_;
    seat->offer(frame);
    begun_again_ += seat->begun_again_ - before;
  }
}

}  // namespace hazgate::web
