// What the answers about the enterprise's record have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/web_answers.hpp"
#include "feed/json_text.hpp"
#include "records/report_words.hpp"

namespace hazgate::app {

/// To be saved under this name.
inline web::Document file(std::string bytes, std::string_view type, std::string name) {
  return {.body = web::bytes(std::move(bytes)),
          .content_type = std::string(type),
          .etag = {},
          .gzipped = {},
          .attachment = std::move(name)};
}

inline constexpr std::string_view csv_type = "text/csv; charset=utf-8",
                                  xlsx_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

inline void number_or_null(feed::JsonWriter& json, std::string_view key, std::optional<double> value) {
  json.number(key, value.value_or(core::no_value));
}

inline void append(feed::JsonWriter& json, std::string_view key, const records::Text& text) {
  json.open(key).text("zh", text.zh).text("en", text.en).close();
}

inline records::Text text_of(const records::Word& word) { return {std::string(word.zh), std::string(word.en)}; }

}  // namespace hazgate::app
