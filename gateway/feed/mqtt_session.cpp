#include "feed/mqtt_session.hpp"

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "feed/json_text.hpp"
#include "feed/send_at_once.hpp"
#include "feed/tls_text.hpp"

namespace hazgate::feed {

namespace {

constexpr std::string_view plain = "mqtt://", secure = "mqtts://";
constexpr int first_error_reason = 0x80;
constexpr std::uint32_t session_expiry_s = 86400;
constexpr std::chrono::seconds connect_timeout{10};
/// What is larger the broker keeps from us (and nobody counts it): Paho would gather it in memory, up to 256 MiB.
constexpr std::uint32_t incoming_packet_maximum = 256 * 1024;

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
  connect.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, session_expiry_s},
                          {mqtt::property::MAXIMUM_PACKET_SIZE, incoming_packet_maximum}});
  connect.set_keep_alive_interval(options.keep_alive);
  connect.set_connect_timeout(connect_timeout);
  connect.set_automatic_reconnect(false);
  if (!options.status_topic.empty())
    connect.set_will_message(mqtt::message(options.status_topic, options.offline_payload, 1, true));
  if (!options.username.empty()) {
    connect.set_user_name(options.username);
    connect.set_password(options.password);
  }
  if (options.url.starts_with(secure)) connect.set_ssl(tls(options));
  return connect;
}

/// As far as Paho knows.
std::string failure_text(const mqtt::token& token) {
  try {
    token.get_connect_response();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "connection failed";
}

std::string text_of(const mqtt::properties& properties, mqtt::property::code code) {
  return properties.contains(code) ? mqtt::get<std::string>(properties, code) : "";
}

bool is_utf8(std::string_view text) {
  std::string cleaned;
  append_utf8(cleaned, text);
  return cleaned == text;
}

}  // namespace

std::optional<std::string> RequestGate::user_of(std::string_view topic) const {
  if (topic_.empty() || !topic.starts_with(topic_)) return std::nullopt;
  topic.remove_prefix(topic_.size());
  if (topic.empty()) return "";
  auto user = topic.substr(1);
  // An empty level would pass for the plain topic, on which other people may have the right to write.
  if (topic.front() != '/' || user.empty() || user.find('/') != user.npos) return std::nullopt;
  return std::string(user);
}

bool RequestGate::may_answer_on(std::string_view topic, std::string_view user) const {
  if (prefix_.empty() || topic.size() <= prefix_.size() || topic.size() > topic_most) return false;
  // Brokers end the connection of who publishes on a topic with control characters or broken UTF-8.
  auto forbidden = [](char c) { return c == '+' || c == '#' || static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (!topic.starts_with(prefix_) || std::any_of(topic.begin(), topic.end(), forbidden) || !is_utf8(topic))
    return false;
  // Nobody has answers sent to others, who would take them for theirs.
  const auto asker = topic.substr(prefix_.size());
  return user.empty() || (asker.starts_with(user) && (asker.size() == user.size() || asker[user.size()] == '/'));
}

bool RequestGate::within_rate(Time now) {
  std::lock_guard lock(lock_);
  std::chrono::duration<double> passed = now - counted_until_;
  allowance_ = std::min(burst, allowance_ + passed.count() * rate);
  counted_until_ = now;
  if (allowance_ < 1) return false;
  allowance_ -= 1;
  return true;
}

std::optional<Request> RequestGate::admit(const Incoming& message, Time now) {
  auto user = user_of(message.topic);
  bool good = user && !message.retained && message.payload.size() <= payload_most &&
              message.correlation.size() <= correlation_most &&
              (message.response_topic.empty() || may_answer_on(message.response_topic, *user));
  // The rate comes last: what is dropped anyway takes nobody's turn.
  if (!good || !within_rate(now)) {
    drop();
    return std::nullopt;
  }
  return Request{std::move(*user), std::string(message.payload), std::string(message.response_topic),
                 std::string(message.correlation)};
}

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
  Impl(const MqttOptions& options, std::shared_ptr<RequestGate> requests, std::function<void(SessionEvent)> on_event)
      : is_secure(options.url.starts_with(secure)),
        broker_port(port_of(options.url)),
        certificate(options.cert),
        tell(std::move(on_event)),
        gate(std::move(requests)),
        follows(!options.follow.empty()),
        client(options.url, options.client_id, mqtt::create_options(MQTTVERSION_5)) {}

  void on_success(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      tell_up(token);
    } else if (token.get_type() == mqtt::token::Type::PUBLISH) {
      tell(PublishAnswer{ticket_of(token), token.get_reason_code()});
    } else if (token.get_type() == mqtt::token::Type::SUBSCRIBE) {
      tell_refused(token);
    }
  }

  void on_failure(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      tell(SessionDown{why_not_connected(token)});
    } else if (token.get_type() == mqtt::token::Type::PUBLISH && token.get_reason_code() >= first_error_reason) {
      // Other failures mean that the connection is going: the message goes back with the rest then.
      tell(PublishAnswer{ticket_of(token), token.get_reason_code()});
    } else if (token.get_type() == mqtt::token::Type::SUBSCRIBE) {
      tell_refused(token);
    }
  }

  /// Paho puts the reason of a CONNACK in the place of its own error code.
  std::string why_not_connected(const mqtt::token& token) const {
    for (int code : {int(token.get_reason_code()), token.get_return_code()}) {
      if (code >= first_error_reason) return reason_text(code);
    }
    return is_secure ? tls_failure_text(failure_text(token), certificate) : failure_text(token);
  }

  /// Of a SUBACK, which Paho takes for a success or for a failure as the number of its topics is.
  void tell_refused(const mqtt::token& token) {
    if (token.get_reason_code() < first_error_reason) return;
    tell(SubscribeRefused{(*token.get_topics())[0], reason_text(token.get_reason_code())});
  }

  void take(const mqtt::message& message) {
    if (follows) return tell(Followed{message.get_topic(), message.get_payload()});
    using Code = mqtt::property::code;
    auto response_topic = text_of(message.get_properties(), Code::RESPONSE_TOPIC);
    auto correlation = text_of(message.get_properties(), Code::CORRELATION_DATA);
    auto request = gate->admit({.topic = message.get_topic(),
                                .payload = message.get_payload(),
                                .response_topic = response_topic,
                                .correlation = correlation,
                                .retained = message.is_retained()},
                               std::chrono::steady_clock::now());
    if (request) tell(std::move(*request));
  }

  void tell_up(const mqtt::token& token) {
    send_at_once(broker_port);
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

  const bool is_secure;
  const std::uint16_t broker_port;
  const std::string certificate;
  std::function<void(SessionEvent)> tell;
  std::shared_ptr<RequestGate> gate;
  const bool follows;
  mqtt::async_client client;  // last: destroyed first, while `tell` can still be called
};

MqttSession::MqttSession(const MqttOptions& options, std::shared_ptr<RequestGate> gate,
                         std::function<void(SessionEvent)> tell) try
    : impl_(std::make_unique<Impl>(options, std::move(gate), std::move(tell))) {
  // Even when no requests are wanted: of a former run's subscription Paho would keep every message for ever.
  impl_->client.set_message_callback(
      [impl = impl_.get()](const mqtt::const_message_ptr& message) { impl->take(*message); });
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
    mqtt::properties properties;
    if (!message.correlation.empty()) properties.add({mqtt::property::CORRELATION_DATA, message.correlation});
    if (!message.response_topic.empty()) properties.add({mqtt::property::RESPONSE_TOPIC, message.response_topic});
    if (!properties.empty()) paho->set_properties(properties);
    impl_->client.publish(paho, reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket)), *impl_);
    return true;
  } catch (const mqtt::exception&) {
    return false;
  }
}

bool MqttSession::subscribe(const std::string& topic) {
  try {
    // With the retain flag as it was published: also a retained request that is fresh is told from others.
    impl_->client.subscribe(topic, 1, nullptr, *impl_, mqtt::subscribe_options(true, true));
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
