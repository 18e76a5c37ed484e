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

}  // namespace hazgate::core
