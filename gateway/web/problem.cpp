#include "web/problem.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace hazgate::web {

namespace json = boost::json;

Response problem(const Refusal& refusal) {
  auto title = refusal.code;  // the same for all of one type; what happened this time is the detail
  std::ranges::replace(title, '_', ' ');
  json::object body{{"type", "urn:hazgate:problem:" + refusal.code},
                    {"title", title},
                    {"status", refusal.status},
                    {"detail", refusal.en},
                    {"code", refusal.code},
                    {"zh", refusal.zh},
                    {"en", refusal.en}};
  if (refusal.retry_after_s) body["retry_after_s"] = *refusal.retry_after_s;
  if (!refusal.fields.empty()) {
    json::array fields;
    for (const auto& field : refusal.fields)
      fields.push_back(json::object{{"name", field.name}, {"zh", field.zh}, {"en", field.en}});
    body["fields"] = std::move(fields);
  }
  Response response{.status = refusal.status, .content_type = "application/problem+json"};
  response.body = bytes(json::serialize(body));
  if (refusal.retry_after_s) response.headers.emplace_back("Retry-After", std::to_string(*refusal.retry_after_s));
  return response;
}

Refusal not_found() {
  return {.status = 404, .code = "not_found", .zh = "没有这个对象", .en = "there is nothing of this name"};
}
Refusal not_signed_in() { return {.status = 401, .code = "not_signed_in", .zh = "请先登录", .en = "sign in first"}; }
Refusal not_allowed() {
  return {.status = 403,
          .code = "not_allowed",
          .zh = "您无权进行此操作；请联系管理员",
          .en = "your role does not allow this; ask the administrator"};
}
Refusal bad_input(std::string zh, std::string en) {
  return {.status = 422, .code = "bad_input", .zh = std::move(zh), .en = std::move(en)};
}

}  // namespace hazgate::web
