#include "core/reason.hpp"

#include <algorithm>

namespace hazgate::core {

namespace {
/// The text up to the next colon, which is taken away from it.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(':'));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}
}  // namespace

Limit as_limit(const Reason& reason) {
  std::string source(name(reason.doubt));
  for (const auto part : {reason.point, reason.other}) {
    if (!part.empty()) source.append(":").append(part);
  }
  return {.kind = LimitKind::site, .value = reason.bound, .unit = Unit::one, .source = std::move(source)};
}

Reason reason_of(const Alarm& alarm) {
  std::string_view text = alarm.limit.source;
  if (alarm.subject != AlarmSubject::device && alarm.subject != AlarmSubject::bus) return {};
  const auto doubt = doubt_from(take_word(text)).value_or(Doubt::none);
  if (doubt == Doubt::none) return {};
  const auto point = take_word(text);
  return {.doubt = doubt, .point = point, .other = text, .value = alarm.value, .bound = alarm.limit.value};
}

}  // namespace hazgate::core
