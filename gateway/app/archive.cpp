#include "app/archive.hpp"

#include <fmt/format.h>

#include "feed/answer_payload.hpp"

namespace hazgate::app {

void Archive::ask(const ReadingsRequest& request, std::function<void(std::string)> answer) {
  if (waiting_ >= most_waiting) {
    answer(feed::error_answer("busy", {"查询过多，请稍后再试", "too many questions wait; ask again later"}));
    return;
  }
  ++waiting_;
  island_.post([this, request, answer = std::move(answer)] {
    answer(readings(request));
    --waiting_;
  });
}

std::string Archive::readings(const ReadingsRequest& request) {
  try {
    if (!history_) {
      database_.reset(new storage::Database(storage::Database::to_read(store_)));
      history_ = std::make_unique<storage::History>(*database_);
    }
    const auto& point = site_.points[core::at(request.point)].id;
    const auto page = history_->readings(point, request.from, request.to, readings_a_page, request.after);
    feed::ReadingsAnswer answer(point);
    for (const auto& reading : page.readings) answer.add(reading.at, reading.sample, reading.unit);
    return answer.end(page.next ? fmt::format("{}-{}", page.next->at.time_since_epoch().count(), page.next->given)
                                : std::string());
  } catch (const std::exception& e) {
    history_.reset();  // a store that was set aside is opened anew
    database_.reset();
    return feed::error_answer("store", {std::string("数据库暂不可读：") + e.what(), e.what()});
  }
}

}  // namespace hazgate::app
