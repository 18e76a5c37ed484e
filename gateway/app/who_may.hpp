// The broker proves who asks; here stands what he may ask for.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/site.hpp"
#include "feed/alarm_text.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

struct Asker {
  settings::MqttRole role = settings::MqttRole::regulator;
  std::optional<core::EnterpriseIndex> enterprise;  ///< that he speaks for; of role enterprise
};

/// Of `user` as the broker names him; empty at the plain request topic. None: nobody here knows him, and he may ask for
/// nothing. Where no users are configured everybody is an operator.
std::optional<Asker> asker_of(std::span<const settings::MqttUser> users, std::string_view user);

/// `op` as it stands in the request. `enterprise`: whose data or alarm it is about; none where it is nobody's, or
/// all's.
bool may(const std::optional<Asker>& asker, std::string_view op, std::optional<core::EnterpriseIndex> enterprise);

/// With the code "not_allowed".
feed::Phrase not_allowed_text();

}  // namespace hazgate::app
