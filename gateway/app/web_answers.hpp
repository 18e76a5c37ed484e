// What the answers of the page's desk have in common.
#pragma once

#include <filesystem>
#include <string>

#include "web/api.hpp"

namespace hazgate::app {

inline web::Document document(std::string text) { return {.body = web::bytes(std::move(text))}; }

inline web::Refusal store_trouble(const std::string& why) {
  return {
      .status = 503, .code = "store", .zh = "数据库暂时无法完成：" + why, .en = "the store cannot do it now: " + why};
}
inline web::Refusal busy() {
  return {.status = 503,
          .code = "busy",
          .zh = "查询过多，请稍后再试",
          .en = "too many questions wait; try again in a moment",
          .retry_after_s = 1};
}
inline web::Refusal too_many() {
  return {.status = 429,
          .code = "too_many",
          .zh = "您同时提出的请求过多，请稍后再试",
          .en = "you ask too much at once; try again in a moment",
          .retry_after_s = 1};
}

/// Of the configuration's file, as it lies there.
std::string config_text(const std::filesystem::path& file);

}  // namespace hazgate::app
