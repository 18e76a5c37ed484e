// How this gateway presents itself to its broker.
#pragma once

#include "feed/mqtt.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

/// Of settings that have a broker. Reads the password file; throws where it cannot, or where others may read it.
feed::MqttOptions mqtt_options(const settings::Settings& settings);

}  // namespace hazgate::app
