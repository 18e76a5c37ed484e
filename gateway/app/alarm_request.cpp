#include "app/alarm_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "settings/words.hpp"

namespace hazgate::app {

namespace json = boost::json;
using settings::in_quotes;

namespace {

const std::vector<std::string> members{"op",     "id", "point", "device",  "bus",     "output",  "part",
                                       "action", "by", "note",  "verdict", "minutes", "revision"};
const std::vector<std::string> actions{"acknowledge",    "confirm",    "dispose", "shelve", "unshelve",
                                       "out_of_service", "in_service", "reset",   "comment"};
const std::vector<std::string> verdicts{"real", "false_alarm", "device_fault", "planned_work"};
constexpr double most_minutes = 100 * 24 * 60;

/// What is wrong, in the words of its code; the details follow as they stand in the request.
std::string_view in_chinese(std::string_view code) {
  using Word = std::pair<std::string_view, std::string_view>;
  constexpr static std::array<Word, 9> words{{{"unknown_member", "含有未知成员"},
                                              {"unknown_op", "op 应为 alarm"},
                                              {"unknown_action", "没有这种操作"},
                                              {"unknown_verdict", "没有这种结论"},
                                              {"missing_member", "缺少成员"},
                                              {"wrong_type", "成员的类型或取值不对"},
                                              {"not_you", "署名与登录用户不符"},
                                              {"unknown_subject", "没有这个对象"},
                                              {"unknown_id", "报警编号有误"}}};
  const auto* found = std::ranges::find(words, code, &Word::first);
  return found == words.end() ? "请求有误" : found->second;
}

class Parser {
 public:
  Parser(const core::Site& site, const json::object& request) : site_(site), request_(request) {}

  core::PersonInput input(std::string_view user) {
    for (const auto& member : request_)
      if (std::ranges::find(members, member.key()) == members.end())
        fail("unknown_member",
             fmt::format("{} is no member{}", in_quotes(member.key()), settings::hint(member.key(), members)));
    core::PersonInput input;
    if (text("op") != "alarm") fail("unknown_op", R"(expected "op":"alarm")");
    read_subject(input);
    const auto action = core::action_from(text("action"));
    if (!action)
      fail("unknown_action",
           fmt::format("{} is no action{}", in_quotes(text("action")), settings::hint(text("action"), actions)));
    input.action.kind = *action;
    input.action.by = person(user);
    input.action.note = optional_text("note");
    if (const auto word = optional_text("verdict"); !word.empty()) {
      const auto verdict = core::verdict_from(word);
      if (!verdict)
        fail("unknown_verdict", fmt::format("{} is no verdict{}", in_quotes(word), settings::hint(word, verdicts)));
      input.action.verdict = *verdict;
    }
    if (request_.contains("minutes"))
      input.action.duration = core::Duration(std::llround(number("minutes", 0, most_minutes) * 60e6));
    if (request_.contains("revision")) input.action.revision = revision();
    return input;
  }

  BadRequest trouble;
  struct Failed {};

 private:
  [[noreturn]] void fail(std::string code, std::string english) {
    auto chinese = fmt::format("{}（{}）", in_chinese(code), english);
    trouble = {std::move(code), {std::move(chinese), std::move(english)}};
    throw Failed{};
  }
  std::string_view text(const char* key) {
    const auto* member = request_.if_contains(key);
    if (member == nullptr) fail("missing_member", fmt::format("\"{}\" is missing", key));
    if (!member->is_string()) fail("wrong_type", fmt::format("\"{}\" is no text", key));
    return {member->get_string().data(), member->get_string().size()};
  }
  std::string optional_text(const char* key) { return request_.contains(key) ? std::string(text(key)) : std::string(); }
  double number(const char* key, double least, double greatest) {
    const auto* member = request_.if_contains(key);
    const auto value = member->is_number() ? member->to_number<double>() : std::nan("");
    if (!(value >= least && value <= greatest))
      fail("wrong_type", fmt::format("\"{}\" is no number from {} to {}", key, least, greatest));
    return value;
  }
  std::uint64_t revision() {
    const auto value = number("revision", 0, 9e15);
    if (value != std::floor(value)) fail("wrong_type", "\"revision\" is no whole number");
    return static_cast<std::uint64_t>(value);
  }
  /// Who is signed in at the broker speaks for nobody else.
  std::string person(std::string_view user) {
    auto by = optional_text("by");
    if (user.empty()) {
      if (by.empty()) fail("missing_member", "\"by\" is missing: the name of the person");
      return by;
    }
    if (!by.empty() && by != user)
      fail("not_you", fmt::format("\"by\" is {}, and {} has asked", in_quotes(by), in_quotes(user)));
    return std::string(user);
  }
  void read_subject(core::PersonInput& input) {
    const auto count = std::ranges::count_if(std::array{"id", "point", "device", "bus", "output", "part"},
                                             [&](const char* key) { return request_.contains(key); });
    if (count != 1)
      fail("missing_member", "needs one of \"id\", \"point\", \"device\", \"bus\", \"output\" and \"part\"");
    if (request_.contains("id")) return read_id(input);
    if (request_.contains("point")) return find(input, core::AlarmSubject::point, "point", site_.points);
    if (request_.contains("device")) return find(input, core::AlarmSubject::device, "device", site_.devices);
    if (request_.contains("bus")) return find(input, core::AlarmSubject::bus, "bus", site_.buses);
    if (request_.contains("output")) return find(input, core::AlarmSubject::output, "output", site_.outputs);
    input.subject = core::AlarmSubject::gateway;
    while (input.index < core::gateway_parts && core::name(core::GatewayPart{input.index}) != text("part"))
      ++input.index;
    if (input.index == core::gateway_parts)
      fail("unknown_subject", fmt::format("{} is no part", in_quotes(text("part"))));
  }
  void read_id(core::PersonInput& input) {
    auto id = text("id");
    const auto whole = id;
    const auto prefix = site_.gateway_id + "-";
    if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), input.number);
    const bool ours = id.size() < whole.size() && error == std::errc{} && end == id.data() + id.size();
    if (!ours || input.number == 0)
      fail("unknown_id", fmt::format("{} is no alarm id; expected {}<number>", in_quotes(whole), prefix));
  }
  template <class Items>
  void find(core::PersonInput& input, core::AlarmSubject subject, const char* key, const Items& items) {
    const auto id = text(key);
    const auto found = std::ranges::find_if(items, [&](const auto& item) { return item.id == id; });
    if (found == items.end()) fail("unknown_subject", fmt::format("{} is no {}", in_quotes(id), key));
    input.subject = subject;
    input.index = static_cast<std::uint32_t>(found - items.begin());
  }

  const core::Site& site_;
  const json::object& request_;
};

}  // namespace

boost::system::result<core::PersonInput, BadRequest> parse_alarm_request(const core::Site& site, std::string_view text,
                                                                         std::string_view user) {
  boost::system::error_code error;
  const auto document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) {
    const auto what = error ? error.message() : "it is no object";
    return BadRequest{"not_json", {"请求不是 JSON 对象：" + what, "the request is no JSON object: " + what}};
  }
  Parser parser(site, document.get_object());
  try {
    return parser.input(user);
  } catch (const Parser::Failed&) {
    return parser.trouble;
  }
}

}  // namespace hazgate::app
