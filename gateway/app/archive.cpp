#include "app/archive.hpp"

#include <fmt/format.h>

#include <future>

#include "feed/answer_payload.hpp"

namespace hazgate::app {

Past::Past(const std::filesystem::path& store, const core::Site& site)
    : database(storage::Database::to_read(store)),
      history(database),
      alarms(database, site),
      exposures(database, site),
      ledger(database),
      gaps(database, site),
      assessments(database) {}

void Archive::open() {
  if (past_) return;
  const std::lock_guard lock(interrupting_);
  past_.emplace(store_, site_);
}

void Archive::close() {
  const std::lock_guard lock(interrupting_);
  past_.reset();
}

void Archive::settle() {
  std::promise<void> done;
  island_.post([&done] { done.set_value(); });
  done.get_future().wait();
}

void Archive::cancel() {
  cancelled_ = true;
  const std::lock_guard lock(interrupting_);
  if (past_) past_->database.interrupt();
}

void Archive::ask(const ReadingsRequest& request, std::function<void(std::string)> answer) {
  if (waiting_ >= most_waiting) {
    answer(feed::error_answer("busy", {"查询过多，请稍后再试", "too many questions wait; ask again later"}));
    return;
  }
  ++waiting_;
  island_.post([this, request, answer = std::move(answer)] {
    const Answered answered(*this);
    answer(readings(request));
  });
}

std::string Archive::readings(const ReadingsRequest& request) {
  try {
    const auto& point = site_.points[core::at(request.point)].id;
    auto look = [&](Past& past) {
      auto found = past.history.readings(point, request.from, request.to, readings_a_page, request.after);
      if (request.enterprise.empty()) return found;
      const storage::Moves moves(past.database, site_);
      std::erase_if(found.readings, [&](const auto& reading) {
        return moves.at(request.point, reading.at).enterprise != request.enterprise;
      });
      return found;
    };
    const auto page = read(look);
    feed::ReadingsAnswer answer(point);
    for (const auto& reading : page.readings) answer.add(reading.at, reading.sample, reading.unit);
    return answer.end(page.next ? fmt::format("{}-{}", page.next->at.time_since_epoch().count(), page.next->given)
                                : std::string());
  } catch (const std::exception& e) {
    return feed::error_answer("store", {std::string("数据库暂不可读：") + e.what(), e.what()});
  }
}

}  // namespace hazgate::app
