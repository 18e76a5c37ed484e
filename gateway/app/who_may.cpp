#include "app/who_may.hpp"

#include <algorithm>

namespace hazgate::app {

using settings::MqttRole;

std::optional<Asker> asker_of(std::span<const settings::MqttUser> users, std::string_view user) {
  if (users.empty()) return Asker{.role = MqttRole::site_operator};
  const auto found = std::ranges::find(users, user, &settings::MqttUser::name);
  if (found == users.end()) return std::nullopt;
  return Asker{.role = found->role, .enterprise = found->enterprise};
}

bool may(const std::optional<Asker>& asker, std::string_view op, std::optional<core::EnterpriseIndex> enterprise) {
  if (!asker) return false;
  switch (asker->role) {
    case MqttRole::site_operator:
      return true;
    case MqttRole::enterprise:
      return enterprise && enterprise == asker->enterprise &&
             (op == "alarm" || op == "readings" || op == "exceedances");
    case MqttRole::regulator:
      return op == "exceedances";
  }
  return false;
}

feed::Phrase not_allowed_text() {
  return {"您无权对此提出请求", "you may not ask for this here; the site's operator decides who may ([[mqtt.user]])"};
}

}  // namespace hazgate::app
