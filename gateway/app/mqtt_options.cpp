#include "app/mqtt_options.hpp"

#include "app/secret_file.hpp"
#include "feed/payload.hpp"

namespace hazgate::app {

feed::MqttOptions mqtt_options(const settings::Settings& settings) {
  const auto& m = *settings.mqtt;
  return {.url = m.url,
          .client_id = m.client_id.empty() ? "hazgate-" + settings.gateway.id : m.client_id,
          .username = m.username,
          .password = read_secret(m.password_file, "mqtt.password_file"),
          .ca = m.ca.string(),
          .cert = m.cert.string(),
          .key = m.key.string(),
          .status_topic = feed::status_topic(settings.site),
          .offline_payload = feed::offline_message(settings.site),
          .request_topic = feed::request_topic(settings.site),
          .response_prefix = feed::response_prefix(settings.site)};
}

}  // namespace hazgate::app
