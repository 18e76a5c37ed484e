#include "feed/answer_payload.hpp"

#include "feed/json_text.hpp"
#include "feed/payload.hpp"

namespace hazgate::feed {

Phrase refusal_text(core::Refusal refusal) {
  using core::Refusal;
  switch (refusal) {
    case Refusal::none:
      return {};
    case Refusal::no_such_alarm:
      return {"没有这个未结束的报警", "there is no open alarm of that id"};
    case Refusal::no_name:
      return {"需要操作人姓名（不超过 100 字节）", "the name of the person is needed, at most 100 bytes"};
    case Refusal::note_too_long:
      return {"说明超过 2000 字节", "the note is longer than 2000 bytes"};
    case Refusal::note_needed:
      return {"需要说明：原因或已采取的措施", "a note is needed: the reason, or what was done"};
    case Refusal::changed_since:
      return {"报警在您查看之后已变化，请重新查看", "the alarm has changed since you saw it; look again"};
    case Refusal::not_announced:
      return {"报警已搁置、抑制或停用，无需确认知悉",
              "it is shelved, suppressed or out of service: nothing to acknowledge"};
    case Refusal::nothing_to_acknowledge:
      return {"没有待知悉的报警", "there is nothing to acknowledge"};
    case Refusal::verdict_needed:
      return {"需要结论：real、false_alarm、device_fault 或 planned_work",
              "a verdict is needed: real, false_alarm, device_fault or planned_work"};
    case Refusal::condition_holds:
      return {"报警条件仍然存在", "the condition still holds"};
    case Refusal::not_confirmed:
      return {"尚未确认：先确认事件，再记录处置", "nobody has confirmed the event; confirm it first"};
    case Refusal::disposed_already:
      return {"已记录处置", "it is disposed of already"};
    case Refusal::reset_first:
      return {"报警已锁存，先复位", "it is latched; reset it first"};
    case Refusal::danger_is_not_shelved:
      return {"危险级报警不得搁置", "an alarm of level danger is not shelved"};
    case Refusal::shelved_already:
      return {"报警已搁置", "it is shelved already"};
    case Refusal::shelf_too_long:
      return {"搁置时间超过允许的最长时间", "the shelf is longer than the site allows"};
    case Refusal::not_shelved:
      return {"报警未搁置", "it is not shelved"};
    case Refusal::out_of_service_already:
      return {"报警已停用", "it is out of service already"};
    case Refusal::not_out_of_service:
      return {"报警未停用", "it is not out of service"};
    case Refusal::not_latched:
      return {"报警未锁存，无需复位", "it is not latched: nothing to reset"};
  }
  return {};
}

namespace {
void append_error(JsonWriter& json, std::string_view code, const Phrase& text) {
  json.open("error").text("code", code).text("zh", text.zh).text("en", text.en).close();
}
}  // namespace

std::string action_answer(const core::Site& site, core::Refusal refusal, const std::optional<core::Alarm>& alarm) {
  JsonWriter json;
  json.open().count("v", 1).yes_no("ok", refusal == core::Refusal::none);
  if (refusal != core::Refusal::none) append_error(json, core::name(refusal), refusal_text(refusal));
  if (alarm) {
    json.open("alarm").text("id", alarm_id(site, *alarm));
    append_alarm(json, site, *alarm);
    json.close();
  }
  json.close();
  return json.take();
}

std::string exceedances_answer(const std::vector<ChainPage>& chains) {
  JsonWriter json;
  json.open().count("v", 1).yes_no("ok", true).open_list("records");
  for (const auto& page : chains)
    for (const auto& record : page.records) json.json({}, record);
  json.close_list().open_list("chains");
  for (const auto& page : chains) {
    json.open().text("site", page.chain.site).text("enterprise", page.chain.enterprise);
    json.text("gateway", page.chain.gateway)
        .count("after_seq", page.after_seq)
        .count("last_seq", page.last_seq)
        .yes_no("more", page.more);
    json.json("head", page.head.empty() ? "null" : page.head).close();
  }
  json.close_list().close();
  return json.take();
}

ReadingsAnswer::ReadingsAnswer(std::string_view point) {
  json_.open().count("v", 1).yes_no("ok", true).text("point", point).open_list("readings");
}

void ReadingsAnswer::add(core::Timestamp at, const core::Sample& sample, std::string_view unit) {
  const char flag = static_cast<char>(sample.flag);
  json_.open().time("t", at).number("value", sample.value).text("unit", unit).text("flag", {&flag, 1}).close();
}

std::string ReadingsAnswer::end(const std::string& next) {
  json_.close_list();
  if (next.empty()) {
    json_.null("next");
  } else {
    json_.text("next", next);
  }
  json_.close();
  return json_.take();
}

std::string error_answer(std::string_view code, const Phrase& text) {
  JsonWriter json;
  json.open().count("v", 1).yes_no("ok", false);
  append_error(json, code, text);
  json.close();
  return json.take();
}

}  // namespace hazgate::feed
