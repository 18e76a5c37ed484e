#include "web/places.hpp"

#include <algorithm>
#include <utility>

namespace hazgate::web {

bool Places::make_room_for(const std::string& household) {
  const auto same = [&](const Connection& c) { return !c.known && c.household == household && c.socket.is_open(); };
  const auto have = static_cast<std::size_t>(std::ranges::count_if(connections_, same));
  if (have >= strangers_of_a_household_) return crowd_out(same);
  return connections_.size() < most_ || crowd_out([](const Connection&) { return true; });
}

template <class Which>
bool Places::crowd_out(Which may_go) {
  const auto sooner = [](const Connection& a, const Connection& b) {
    return std::pair(a.known, a.waiting_since) < std::pair(b.known, b.waiting_since);
  };
  Connection* first = nullptr;
  for (auto& connection : connections_) {
    if (connection.at_work || !connection.socket.is_open() || !may_go(connection)) continue;
    if (first == nullptr || sooner(connection, *first)) first = &connection;
  }
  if (first == nullptr) return false;
  ++crowded_out_;
  first->end();
  return true;
}

Places::Place Places::take(boost::asio::ip::tcp::socket socket, std::string address, std::string household) {
  return connections_.emplace(connections_.end(),
                              Connection{std::move(socket), std::move(address), std::move(household)});
}

std::size_t Places::end_late(std::chrono::steady_clock::time_point now) {
  std::size_t ended = 0;
  for (auto& connection : connections_)
    if (connection.deadline < now && connection.socket.is_open()) {
      ++ended;
      connection.end();
    }
  return ended;
}

void Places::end_all() {
  for (auto& connection : connections_) connection.end();
}

}  // namespace hazgate::web
