#include "feed/mqtt_session.hpp"

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace hazgate::feed {

namespace {

constexpr std::string_view plain = "mqtt://", secure = "mqtts://";
constexpr int first_error_reason = 0x80;
constexpr std::uint32_t session_expiry_s = 86400;
constexpr std::chrono::seconds connect_timeout{10};

/// Paho would only say "connect failed" for each of these.
void check_pem(std::string_view what, const std::string& file) {
  if (file.empty()) return;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("mqtt {}: cannot read {}", what, file));
  std::string text(65536, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.find("-----BEGIN ") == std::string::npos) {
    throw std::runtime_error(fmt::format("mqtt {}: {} is not a PEM file", what, file));
  }
}

mqtt::ssl_options tls(const MqttOptions& options) {
  mqtt::ssl_options ssl;
  if (!options.ca.empty()) ssl.set_trust_store(options.ca);
  if (!options.cert.empty()) ssl.set_key_store(options.cert);
  if (!options.key.empty()) ssl.set_private_key(options.key);
  ssl.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);
  ssl.set_enable_server_cert_auth(true);
  ssl.set_verify(true);  // the name in the certificate too
  return ssl;
}

mqtt::connect_options connect_options(const MqttOptions& options) {
  mqtt::connect_options connect;
  connect.set_mqtt_version(MQTTVERSION_5);
  connect.set_clean_start(false);
  connect.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, session_expiry_s}});
  connect.set_keep_alive_interval(options.keep_alive);
  connect.set_connect_timeout(connect_timeout);
  connect.set_automatic_reconnect(false);
  connect.set_will_message(mqtt::message(options.status_topic, options.offline_payload, 1, true));
  if (!options.username.empty()) {
    connect.set_user_name(options.username);
    connect.set_password(options.password);
  }
  if (options.url.starts_with(secure)) connect.set_ssl(tls(options));
  return connect;
}

/// Why a CONNECT failed, as far as Paho knows. It puts the reason of a CONNACK in the place of its own error code.
std::string failure_text(const mqtt::token& token) {
  for (int code : {int(token.get_reason_code()), token.get_return_code()}) {
    if (code >= first_error_reason) return reason_text(code);
  }
  try {
    token.get_connect_response();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "connection failed";
}

}  // namespace

void check_options(const MqttOptions& options) {
  bool is_secure = options.url.starts_with(secure);
  std::size_t scheme = is_secure ? secure.size() : plain.size();
  if ((!is_secure && !options.url.starts_with(plain)) || options.url.size() == scheme) {
    throw std::runtime_error(
        fmt::format("mqtt url: \"{}\" is neither mqtt://host:port nor mqtts://host:port", options.url));
  }
  check_pem("ca", options.ca);
  check_pem("cert", options.cert);
  check_pem("key", options.key);
}

std::string reason_text(int reason) {
  auto text = mqtt::exception::reason_code_str(reason);
  return fmt::format("the broker says: {} (0x{:02X})", text.empty() ? "unknown reason" : text, reason);
}

struct MqttSession::Impl final : mqtt::iaction_listener {
  Impl(const MqttOptions& options, std::function<void(SessionEvent)> on_event)
      : tell(std::move(on_event)), client(options.url, options.client_id, mqtt::create_options(MQTTVERSION_5)) {}

  void on_success(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      tell_up(token);
    } else if (token.get_type() == mqtt::token::Type::PUBLISH) {
      tell(PublishAnswer{ticket_of(token), token.get_reason_code()});
    }
  }

  void on_failure(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      tell(SessionDown{failure_text(token)});
    } else if (token.get_type() == mqtt::token::Type::PUBLISH && token.get_reason_code() >= first_error_reason) {
      // Other failures mean that the connection is going: the message goes back with the rest then.
      tell(PublishAnswer{ticket_of(token), token.get_reason_code()});
    }
  }

  void tell_up(const mqtt::token& token) {
    SessionUp up;
    auto response = token.get_connect_response();
    const auto& properties = response.get_properties();
    using Code = mqtt::property::code;
    if (properties.contains(Code::RECEIVE_MAXIMUM)) {
      up.receive_maximum = mqtt::get<std::uint16_t>(properties, Code::RECEIVE_MAXIMUM);
    }
    if (properties.contains(Code::MAXIMUM_PACKET_SIZE)) {
      up.packet_maximum = mqtt::get<std::uint32_t>(properties, Code::MAXIMUM_PACKET_SIZE);
    }
    tell(up);
  }

  static std::uint64_t ticket_of(const mqtt::token& token) {
    return reinterpret_cast<std::uintptr_t>(token.get_user_context());
  }

  std::function<void(SessionEvent)> tell;
  mqtt::async_client client;  // last: destroyed first, while `tell` can still be called
};

MqttSession::MqttSession(const MqttOptions& options, std::function<void(SessionEvent)> tell) try
    : impl_(std::make_unique<Impl>(options, std::move(tell))) {
  impl_->client.set_connection_lost_handler([impl = impl_.get()](const std::string& cause) {
    impl->tell(SessionDown{cause.empty() ? "connection lost" : "connection lost: " + cause});
  });
  impl_->client.set_disconnected_handler([impl = impl_.get()](const mqtt::properties&, mqtt::ReasonCode reason) {
    impl->tell(SessionDown{reason_text(reason)});
  });
  impl_->client.connect(connect_options(options), nullptr, *impl_);
} catch (const mqtt::exception& e) {
  throw std::runtime_error(std::string("mqtt: ") + e.what());
}

MqttSession::~MqttSession() = default;

bool MqttSession::publish(std::uint64_t ticket, const Message& message) {
  try {
    auto paho = mqtt::message::create(message.topic, message.payload.data(), message.payload.size(), 1, message.retain);
    impl_->client.publish(paho, reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket)), *impl_);
    return true;
  } catch (const mqtt::exception&) {
    return false;
  }
}

void MqttSession::leave_with_will() {
  mqtt::disconnect_options how;
  how.set_reason_code(mqtt::ReasonCode::DISCONNECT_WITH_WILL_MESSAGE);
  try {
    impl_->client.disconnect(how)->wait_for(std::chrono::milliseconds(200));
  } catch (const mqtt::exception&) {  // already gone: the broker publishes the will by itself
  }
}

}  // namespace hazgate::feed
