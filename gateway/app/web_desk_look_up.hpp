// How the page's desk asks the store, for those of its files that do.
#pragma once

#include <utility>

#include "app/web_answers.hpp"
#include "app/web_desk.hpp"

namespace hazgate::app {

/// One of the questions that somebody has under way; none where they are too many already.
class WebDesk::Ticket {
 public:
  static std::optional<Ticket> take(std::map<std::string, std::size_t>& under_way, const std::string& user) {
    if (under_way[user] >= most_questions_a_user) return std::nullopt;
    return Ticket(under_way, user);
  }
  ~Ticket() {
    if (under_way_ == nullptr) return;
    if (--(*under_way_)[user_] == 0) under_way_->erase(user_);
  }
  Ticket(Ticket&& other) noexcept
      : under_way_(std::exchange(other.under_way_, nullptr)), user_(std::move(other.user_)) {}
  Ticket& operator=(Ticket&&) = delete;

 private:
  Ticket(std::map<std::string, std::size_t>& under_way, std::string user)
      : under_way_(&under_way), user_(std::move(user)) {
    ++under_way[user_];
  }
  std::map<std::string, std::size_t>* under_way_;
  std::string user_;
};

template <class Look>
web::Later<web::Answer> WebDesk::look_up(Archive& where, web::Viewer viewer, Look look) {
  const auto ticket = Ticket::take(under_way_, viewer.user);
  if (!ticket) co_return too_many();
  try {
    co_return co_await where.look_up(std::move(look));
  } catch (const Archive::Busy&) {
    co_return busy();
  } catch (const storage::StoreError& e) {
    co_return store_trouble(e.what());
  }
}

template <class Look>
web::Later<web::Answer> WebDesk::look_up(web::Viewer viewer, Look look) {
  return look_up(archive_, std::move(viewer), std::move(look));
}

}  // namespace hazgate::app
