// [mqtt], [[mqtt.user]].
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_user_name = 100;  // of a person who acts on an alarm, too

/// mqtt://host[:port] or mqtts://host[:port]; the host may be [an IPv6 address].
bool is_broker_url(std::string_view url) {
  if (url.starts_with("mqtt://"))
    url.remove_prefix(7);
  else if (url.starts_with("mqtts://"))
    url.remove_prefix(8);
  else
    return false;
  const auto host_end = url.starts_with('[') ? std::min(url.find(']'), url.size() - 1) + 1 : url.find(':');
  const std::string_view host = url.substr(0, host_end);
  const std::string_view rest = host_end < url.size() ? url.substr(host_end) : std::string_view{};
  const bool odd =
      std::ranges::any_of(host, [](unsigned char c) { return c <= ' ' || c == '/' || c == '@' || c == 0x7F; });
  if (host.empty() || odd) return false;
  if (rest.empty()) return true;
  unsigned port{};
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), port);
  return rest[0] == ':' && error == std::errc{} && end == rest.data() + rest.size() && port >= 1 && port <= 65535;
}

fs::path read_file_name(TomlReader& reader, const std::string& key) {
  const auto name = reader.text(key);
  if (!name) return {};
  std::error_code ignored;
  if (!fs::is_regular_file(*name, ignored))
    reader.problem(key,
                   fmt::format("there is no file {}; paths are relative to the working directory", in_quotes(*name)));
  return *name;
}

void check_secret(TomlReader& reader, const fs::path& file) {
  std::error_code error;
  const auto mode = fs::status(file, error).permissions();
  if (!file.empty() && !error && mode != fs::perms::unknown && (mode & fs::perms::others_read) != fs::perms::none)
    reader.problem("password_file",
                   fmt::format("everybody on this machine may read {}; chmod 600 it", in_quotes(file.string())));
}

void check_tls(TomlReader& reader, bool tls) {
  for (const char* key : {"ca", "cert", "key"})
    if (reader.has(key) && !tls) reader.problem(key, "is used with an mqtts:// url only");
  if (reader.has("cert") != reader.has("key"))
    reader.problem(reader.has("cert") ? "cert" : "key", "needs cert and key together");
}

/// Why the broker cannot know anybody by this name as a level of a topic, or empty.
std::string user_trouble(const std::string& name) {
  if (name.empty()) return "is empty";
  if (name.size() > most_user_name) return fmt::format("is longer than {} bytes", most_user_name);
  const bool odd = std::ranges::any_of(
      name, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '/' || c == '+' || c == '#' || c == ':'; });
  return odd ? fmt::format("{} cannot be a user of the broker: no / + # : and no control characters", in_quotes(name))
             : std::string();
}

void read_user(TomlReader& reader, Loading& loading, std::vector<MqttUser>& users) {
  const Choices<MqttRole> roles{
      {"operator", MqttRole::site_operator}, {"enterprise", MqttRole::enterprise}, {"regulator", MqttRole::regulator}};
  MqttUser user;
  reader.require("name");
  if (const auto name = reader.text("name")) {
    user.name = *name;
    if (const auto trouble = user_trouble(*name); !trouble.empty())
      reader.problem("name", trouble);
    else if (std::ranges::find(users, *name, &MqttUser::name) != users.end())
      reader.problem("name", fmt::format("{} is the name of another [[mqtt.user]]", in_quotes(*name)));
  }
  reader.require("role");
  const auto role = reader.choice("role", roles);
  user.role = role.value_or(user.role);
  if (role == MqttRole::enterprise) reader.require("enterprise", "is required with role = \"enterprise\"");
  if (const auto number = loading.enterprises.refer(reader, "enterprise"))
    user.enterprise = static_cast<core::EnterpriseIndex>(*number);
  if (role && role != MqttRole::enterprise && reader.has("enterprise"))
    reader.problem("enterprise", "is used with role = \"enterprise\" only");
  reader.finish();
  users.push_back(std::move(user));
}

}  // namespace

void load_mqtt(TomlReader& root, Loading& loading) {
  auto reader = root.table("mqtt");
  if (!reader) return;
  MqttSettings mqtt;
  reader->require("url");
  mqtt.url = reader->text("url").value_or(mqtt.url);
  if (!is_broker_url(mqtt.url))
    reader->problem("url", fmt::format("{} is not a broker; expected \"mqtt://host:port\" or \"mqtts://host:port\"",
                                       in_quotes(mqtt.url)));
  mqtt.client_id = reader->text("client_id").value_or("hazgate-" + loading.settings.gateway.id);
  if (const auto trouble = id_trouble(mqtt.client_id); reader->has("client_id") && !trouble.empty())
    reader->problem("client_id", trouble);
  mqtt.username = reader->text("username").value_or("");
  mqtt.password_file = read_file_name(*reader, "password_file");
  check_secret(*reader, mqtt.password_file);
  if (reader->has("password_file") && mqtt.username.empty()) reader->problem("password_file", "needs a username");
  if (reader->has("password"))
    reader->problem("password",
                    "a secret never stands in this file; put it into a file of its own and name that in "
                    "password_file");
  reader->note("password");
  if (reader->has("format")) reader->problem("format", "is not available in this version; remove it (JSON is sent)");
  reader->note("format");
  mqtt.ca = read_file_name(*reader, "ca");
  mqtt.cert = read_file_name(*reader, "cert");
  mqtt.key = read_file_name(*reader, "key");
  check_tls(*reader, mqtt.url.starts_with("mqtts://"));
  const auto limit = reader->integer("outbox_limit_mb", {1, 1 << 20});
  mqtt.outbox_limit_mb = static_cast<std::uint64_t>(limit.value_or(1024));
  for (auto& user : reader->tables("user")) read_user(user, loading, mqtt.users);
  reader->finish();
  loading.settings.mqtt = std::move(mqtt);
}

}  // namespace hazgate::settings
