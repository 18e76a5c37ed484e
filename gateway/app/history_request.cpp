#include "app/history_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <vector>

#include "core/time_text.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

namespace json = boost::json;
using settings::in_quotes;

namespace {

constexpr auto longest_range = std::chrono::days(366);

struct Refused {
  BadRequest why;
};

[[noreturn]] void refuse(const char* code, std::string_view chinese, std::string english) {
  throw Refused{{code, {fmt::format("{}（{}）", chinese, english), std::move(english)}}};
}

void expect_members(const json::object& request, const std::vector<std::string>& known) {
  for (const auto& member : request)
    if (std::ranges::find(known, member.key()) == known.end())
      refuse("unknown_member", "含有未知成员",
             fmt::format("{} is no member{}", in_quotes(member.key()), settings::hint(member.key(), known)));
}

std::string text(const json::object& request, const char* key, bool needed = true) {
  const auto* member = request.if_contains(key);
  if (member == nullptr && needed) refuse("missing_member", "缺少成员", fmt::format("\"{}\" is missing", key));
  if (member == nullptr) return {};
  if (!member->is_string()) refuse("wrong_type", "成员的类型或取值不对", fmt::format("\"{}\" is no text", key));
  return std::string(member->get_string());
}

core::Timestamp time(const json::object& request, const char* key) {
  const auto word = text(request, key);
  const auto at = core::time_from(word);
  if (!at)
    refuse("wrong_type", "成员的类型或取值不对",
           fmt::format("\"{}\" is {}, no time; expected RFC 3339 such as 2026-11-23T20:00:00Z", key, in_quotes(word)));
  return *at;
}

std::optional<storage::ReadingsCursor> cursor(const std::string& word) {
  if (word.empty()) return {};
  std::int64_t at = 0;
  storage::ReadingsCursor place;
  const auto* end = word.data() + word.size();
  const auto [dash, error] = std::from_chars(word.data(), end, at);
  const bool good = error == std::errc{} && dash != end && *dash == '-';
  const auto rest = good ? std::from_chars(dash + 1, end, place.given) : std::from_chars_result{};
  if (!good || rest.ec != std::errc{} || rest.ptr != end)
    refuse("wrong_type", "成员的类型或取值不对", "\"after\" is no \"next\" of an answer");
  place.at = core::Timestamp(core::Duration(at));
  return place;
}

ExceedancesRequest exceedances(const core::Site& site, const json::object& request) {
  expect_members(request, {"op", "enterprise", "after_seq"});
  ExceedancesRequest parsed{.enterprise = text(request, "enterprise", false)};
  if (!parsed.enterprise.empty() &&
      std::ranges::find(site.enterprises, parsed.enterprise, &core::Enterprise::id) == site.enterprises.end())
    refuse("unknown_subject", "没有这个对象",
           fmt::format("{} is no enterprise of this gateway", in_quotes(parsed.enterprise)));
  const auto* after = request.if_contains("after_seq");
  if (after == nullptr) return parsed;
  if (!after->is_int64() || after->get_int64() < 0)
    refuse("wrong_type", "成员的类型或取值不对", "\"after_seq\" is no whole number from 0 on");
  parsed.after_seq = static_cast<std::uint64_t>(after->get_int64());
  return parsed;
}

ReadingsRequest readings(const core::Site& site, const json::object& request) {
  expect_members(request, {"op", "point", "from", "to", "after"});
  const auto id = text(request, "point");
  const auto found = std::ranges::find(site.points, id, &core::Point::id);
  if (found == site.points.end())
    refuse("unknown_subject", "没有这个对象", fmt::format("{} is no point", in_quotes(id)));
  ReadingsRequest parsed{.point = core::PointIndex{static_cast<std::uint32_t>(found - site.points.begin())},
                         .from = time(request, "from"),
                         .to = time(request, "to"),
                         .after = cursor(text(request, "after", false))};
  if (parsed.to < parsed.from) refuse("wrong_type", "成员的类型或取值不对", "\"to\" is before \"from\"");
  if (parsed.to - parsed.from > longest_range)
    refuse("wrong_type", "成员的类型或取值不对", "more than 366 days; ask for less at a time");
  return parsed;
}

}  // namespace

std::string request_op(std::string_view text) {
  boost::system::error_code error;
  const auto document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return {};
  const auto* op = document.get_object().if_contains("op");
  return op != nullptr && op->is_string() ? std::string(op->get_string()) : std::string();
}

boost::system::result<HistoryRequest, BadRequest> parse_history_request(const core::Site& site, std::string_view text) {
  boost::system::error_code error;
  const auto document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object())
    return BadRequest{"not_json", {"请求不是 JSON 对象", "the request is no JSON object"}};
  const auto& request = document.get_object();
  try {
    if (request_op(text) == "readings") return HistoryRequest(readings(site, request));
    return HistoryRequest(exceedances(site, request));
  } catch (const Refused& refused) {
    return refused.why;
  }
}

bool narrow(const core::Site& site, const std::optional<Asker>& asker, HistoryRequest& request) {
  if (auto* readings = std::get_if<ReadingsRequest>(&request)) {
    if (asker && asker->enterprise) readings->enterprise = site.enterprises[core::at(*asker->enterprise)].id;
    const auto workplace = site.points[core::at(readings->point)].workplace;
    return may(asker, "readings", site.workplaces[core::at(workplace)].enterprise);
  }
  auto& wanted = std::get<ExceedancesRequest>(request);
  if (wanted.enterprise.empty() && asker && asker->enterprise)
    wanted.enterprise = site.enterprises[core::at(*asker->enterprise)].id;
  if (wanted.enterprise.empty()) return may(asker, "exceedances", std::nullopt);
  const auto found = std::ranges::find(site.enterprises, wanted.enterprise, &core::Enterprise::id);
  return may(asker, "exceedances", core::EnterpriseIndex{static_cast<std::uint32_t>(found - site.enterprises.begin())});
}

}  // namespace hazgate::app
