#include "web/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "core/time_text.hpp"
#include "web/problem.hpp"

namespace hazgate::web {

namespace json = boost::json;

namespace {

[[noreturn]] void refuse(std::string_view key, std::string_view zh, std::string_view en) {
  auto why = bad_input(fmt::format("参数 {}：{}", key, zh), fmt::format("{}: {}", key, en));
  why.fields.push_back({std::string(key), std::string(zh), std::string(en)});
  throw Refused{std::move(why)};
}

[[noreturn]] void refuse_unknown(std::string_view key, const std::vector<std::string_view>& known) {
  if (known.empty()) refuse(key, "此处不接受任何参数", "is not known here; nothing is expected");
  refuse(key, fmt::format("未知参数；可用：{}", fmt::join(known, "、")),
         fmt::format("is not known here; expected: {}", fmt::join(known, ", ")));
}

/// 1e999 is read as infinity, which no JSON can say.
bool has_infinity(const json::value& value) {
  if (const auto* number = value.if_double()) return !std::isfinite(*number);
  if (const auto* list = value.if_array()) return std::ranges::any_of(*list, has_infinity);
  const auto* object = value.if_object();
  return object != nullptr &&
         std::ranges::any_of(*object, [](const auto& member) { return has_infinity(member.value()); });
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Query::Query(const Target& target, const std::vector<std::string_view>& known) : target_(&target) {
  for (const auto& [key, value] : target.query) {
    if (std::ranges::find(known, key) == known.end()) refuse_unknown(key, known);
    if (std::ranges::count(target.query, key, &std::pair<std::string, std::string>::first) > 1)
      refuse(key, "出现了两次", "stands there twice");
  }
}

const std::string* Query::find(std::string_view key) const {
  const auto found = std::ranges::find(target_->query, key, &std::pair<std::string, std::string>::first);
  return found == target_->query.end() || found->second.empty() ? nullptr : &found->second;
}

std::string Query::text(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? std::string() : *value;
}

bool Query::yes(std::string_view key) const {
  const auto word = text(key);
  if (word != "" && word != "true" && word != "false") refuse(key, "应为 true 或 false", "expected true or false");
  return word == "true";
}

std::uint64_t Query::number(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                            std::uint64_t greatest) const {
  const auto* word = find(key);
  if (word == nullptr) return otherwise;
  const auto value = whole_number(*word);
  if (!value || *value < least || *value > greatest)
    refuse(key, fmt::format("应为 {} 到 {} 之间的整数", least, greatest),
           fmt::format("expected a whole number from {} to {}", least, greatest));
  return *value;
}

core::Timestamp Query::time(std::string_view key) const {
  const auto time = time_or_none(key);
  if (!time) refuse(key, "缺少该参数", "is missing");
  return *time;
}

std::optional<core::Timestamp> Query::time_or_none(std::string_view key) const {
  const auto* word = find(key);
  if (word == nullptr) return std::nullopt;
  const auto time = core::time_from(*word);
  if (!time)
    refuse(key, "应为 RFC 3339 时间，例如 2026-11-26T08:00:00Z", "expected RFC 3339 such as 2026-11-26T08:00:00Z");
  return time;
}

std::optional<std::int32_t> Query::day(std::string_view key) const {
  const auto* word = find(key);
  if (word == nullptr) return std::nullopt;
  const auto midnight = word->size() == 10 ? core::time_from(*word + "T00:00:00Z") : std::nullopt;
  if (!midnight) refuse(key, "应为日期，例如 2026-11-26", "expected a date such as 2026-11-26");
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(*midnight).time_since_epoch().count());
}

json::object form(const Request& request) {
  if (!is_json(request.content_type))
    throw Refused{{.status = 415,
                   .code = "not_json",
                   .zh = "请求体应为 application/json",
                   .en = "the body must be application/json"}};
  boost::system::error_code error;
  auto body = json::parse(request.body, error);
  if (error) throw Refused{bad_input("请求体不是 JSON：" + error.message(), "the body is no JSON: " + error.message())};
  if (has_infinity(body)) throw Refused{bad_input("数字过大", "a number is too large")};
  if (!body.is_object()) throw Refused{bad_input("请求体不是 JSON 对象", "the body is no JSON object")};
  return std::move(body.get_object());
}

json::object form(const Request& request, const std::vector<std::string_view>& known) {
  auto body = form(request);
  for (const auto& member : body)
    if (std::ranges::find(known, std::string_view(member.key())) == known.end()) refuse_unknown(member.key(), known);
  return body;
}

std::string form_text(const json::object& form, std::string_view key, std::size_t most) {
  const auto* member = form.if_contains(key);
  if (member == nullptr || !member->is_string()) refuse(key, "缺少该项", "is missing, or is no text");
  if (member->get_string().size() > most)
    refuse(key, fmt::format("超过 {} 字节", most), fmt::format("is longer than {} bytes", most));
  return std::string(member->get_string());
}

}  // namespace hazgate::web
