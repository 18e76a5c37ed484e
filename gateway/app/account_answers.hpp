// What the answers about users and sessions have in common.
#pragma once

#include <string>
#include <utility>

#include "web/api.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

inline web::Refusal of_field(const char* field, std::string zh, std::string en) {
  auto refusal = web::bad_input(zh, en);
  refusal.fields.push_back({field, std::move(zh), std::move(en)});
  return refusal;
}
inline web::Refusal accounts_trouble(const std::string& why) {
  return {.status = 503,
          .code = "store",
          .zh = "用户数据文件不可用：" + why,
          .en = "the file of users cannot be used: " + why};
}
inline web::Refusal too_busy() {
  return {.status = 503, .code = "busy", .zh = "系统繁忙，请稍后再试", .en = "busy; try again", .retry_after_s = 2};
}

inline web::Answer done_answer() { return web::Document{.body = web::bytes("{}")}; }

}  // namespace hazgate::app
