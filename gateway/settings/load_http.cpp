// [http].
#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace fs = std::filesystem;
namespace ip = boost::asio::ip;

namespace {

/// "127.0.0.1:8080" or "[::1]:8080"; a name is none, because it may change its mind about which network it means.
bool split(std::string_view listen, HttpSettings& http) {
  const auto colon = listen.rfind(':');
  if (colon == std::string_view::npos) return false;
  auto host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(host), error);
  const auto port = listen.substr(colon + 1);
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), http.port);
  if (error || wrong != std::errc{} || end != port.data() + port.size() || http.port == 0) return false;
  http.host = host;
  http.loopback = address.is_loopback();
  return true;
}

fs::path read_pem(TomlReader& reader, const std::string& key) {
  const auto name = reader.text(key);
  if (!name) return {};
  std::error_code error;
  if (!fs::is_regular_file(*name, error))
    reader.problem(key,
                   fmt::format("there is no file {}; paths are relative to the working directory", in_quotes(*name)));
  else if (key == "key" && (fs::status(*name, error).permissions() & fs::perms::others_read) != fs::perms::none)
    reader.problem(key, fmt::format("everybody on this machine may read {}; chmod 600 it", in_quotes(*name)));
  return *name;
}

}  // namespace

void load_http(TomlReader& root, Loading& loading) {
  auto reader = root.table("http");
  if (!reader) return;
  HttpSettings http;
  const auto listen = reader->text("listen").value_or("127.0.0.1:8080");
  const bool good = split(listen, http);
  if (!good)
    reader->problem("listen", fmt::format("{} is no address of a machine with a port; expected such as "
                                          "\"127.0.0.1:8080\", \"0.0.0.0:8443\" or \"[::1]:8080\"",
                                          in_quotes(listen)));
  http.cert = read_pem(*reader, "cert");
  http.key = read_pem(*reader, "key");
  if (reader->has("cert") != reader->has("key"))
    reader->problem(reader->has("cert") ? "cert" : "key", "needs cert and key together");
  const bool readable = reader->flag("passwords_may_travel_readable").value_or(false);
  if (good && !http.loopback && !reader->has("cert") && !readable)
    reader->problem("listen",
                    fmt::format("{} is reached from other machines, and without cert and key passwords travel "
                                "readable; add them, or say passwords_may_travel_readable = true",
                                in_quotes(listen)));
  if (readable && (reader->has("cert") || http.loopback))
    reader->problem("passwords_may_travel_readable", "says nothing here; remove it");
  if (const auto from = reader->text_or_texts("metrics_from")) {
    http.metrics_from = *from;
    for (const auto& address : *from) {
      boost::system::error_code error;
      static_cast<void>(ip::make_address(address, error));
      if (error) reader->problem("metrics_from", fmt::format("{} is no address", in_quotes(address)));
    }
  }
  reader->finish();
  loading.settings.http = std::move(http);
}

}  // namespace hazgate::settings
