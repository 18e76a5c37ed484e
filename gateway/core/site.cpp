#include "core/site.hpp"

namespace hazgate::core {

std::string_view Site::subject_id(AlarmSubject subject, std::uint32_t index) const {
  switch (subject) {
    case AlarmSubject::point:
      return points.at(index).id;
    case AlarmSubject::device:
      return devices.at(index).id;
    case AlarmSubject::bus:
      return buses.at(index).id;
    case AlarmSubject::output:
      return outputs.at(index).id;
    case AlarmSubject::gateway:
      break;
  }
  return name(GatewayPart{index});
}

const Advice* Site::advice_for(const Alarm& alarm) const {
  if (alarm.level == Level::none) return nullptr;
  std::string_view word = name(alarm.subject);
  if (alarm.subject == AlarmSubject::point) {
    const auto& agent = points[alarm.index].agent;
    word = agent && alarm.basis != Basis::baseline ? std::string_view(agents[core::at(*agent)].id) : "baseline";
  } else if (alarm.subject == AlarmSubject::gateway) {
    word = name(GatewayPart{alarm.index});
  }
  return core::advice_for(advice, word, alarm.level);
}

}  // namespace hazgate::core
