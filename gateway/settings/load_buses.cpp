// [[bus]].
#include <fmt/format.h>

#include <algorithm>

#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

namespace {

enum class Transport { rtu, tcp, rtu_over_tcp };

constexpr int bauds[] = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200};

/// A key that this transport has no use for is a misunderstanding, not decoration.
void refuse_foreign_keys(TomlReader& reader, Transport transport) {
  const auto refuse = [&](std::initializer_list<const char*> keys, std::string_view owner) {
    for (const char* key : keys)
      if (reader.has(key)) reader.problem(key, fmt::format("belongs to transport {}", owner));
  };
  if (transport != Transport::rtu) refuse({"path", "baud", "parity", "stop_bits"}, "\"rtu\"");
  if (transport == Transport::rtu) refuse({"host", "port"}, "\"tcp\" or \"rtu-over-tcp\"");
  if (transport != Transport::tcp) refuse({"max_in_flight"}, "\"tcp\": a serial line carries one request at a time");
}

int read_baud(TomlReader& reader) {
  const auto baud = reader.integer("baud", {1, 10'000'000});
  if (!baud) return 9600;
  if (std::ranges::find(bauds, *baud) == std::end(bauds))
    reader.problem("baud", fmt::format("{} is not a baud rate; expected 1200, 2400, 4800, 9600, 19200, 38400, 57600 or "
                                       "115200",
                                       *baud));
  return static_cast<int>(*baud);
}

modbus::SerialPort read_serial(TomlReader& reader) {
  const Choices<modbus::Parity> parities{
      {"none", modbus::Parity::none}, {"even", modbus::Parity::even}, {"odd", modbus::Parity::odd}};
  modbus::SerialPort port;
  reader.require("path");
  port.path = reader.text("path").value_or("");
  if (reader.has("path") && port.path.empty()) reader.problem("path", "is empty");
  port.baud = read_baud(reader);
  port.parity = reader.choice("parity", parities).value_or(port.parity);
  port.stop_bits = static_cast<int>(reader.integer("stop_bits", {1, 2}).value_or(1));
  return port;
}

std::string read_host(TomlReader& reader) {
  reader.require("host");
  std::string host = reader.text("host").value_or("");
  const bool odd = std::ranges::any_of(host, [](unsigned char c) { return c <= ' ' || c == '/' || c == 0x7F; });
  if (reader.has("host") && (host.empty() || odd))
    reader.problem("host", fmt::format("{} is not a host name or address", in_quotes(host)));
  return host;
}

std::uint16_t read_port(TomlReader& reader, std::uint16_t otherwise) {
  return static_cast<std::uint16_t>(reader.integer("port", {1, 65535}).value_or(otherwise));
}

void read_bus(TomlReader& reader, Loading& loading, std::map<std::string, std::string>& lines) {
  const Choices<Transport> transports{
      {"rtu", Transport::rtu}, {"tcp", Transport::tcp}, {"rtu-over-tcp", Transport::rtu_over_tcp}};
  BusSettings bus{loading.buses.declare(reader), {}, {}};
  BusDefaults defaults;
  defaults.timeout = reader.duration("timeout", {10ms, 60s}).value_or(defaults.timeout);
  defaults.retries = static_cast<int>(reader.integer("retries", {0, 10}).value_or(defaults.retries));
  const bool stated = reader.require("transport", "is required; expected \"rtu\", \"tcp\" or \"rtu-over-tcp\"");
  const auto transport = stated ? reader.choice("transport", transports) : std::nullopt;
  std::string line;
  if (transport == Transport::rtu) {
    const modbus::SerialPort port = read_serial(reader);
    line = port.path;
    bus.link = modbus::RtuLinkOptions{port, defaults.timeout};
  } else if (transport) {
    const std::string host = read_host(reader);
    defaults.tcp = transport == Transport::tcp;
    const std::uint16_t port = read_port(reader, defaults.tcp ? 502 : 4001);
    const auto in_flight = static_cast<std::size_t>(reader.integer("max_in_flight", {1, 16}).value_or(1));
    if (defaults.tcp) {
      bus.link = modbus::TcpLinkOptions{host, port, defaults.timeout, in_flight};
    } else {
      line = fmt::format("{}:{}", host, port);
      bus.link = modbus::RtuLinkOptions{modbus::SerialServer{host, port}, defaults.timeout};
    }
  }
  if (transport) {
    refuse_foreign_keys(reader, *transport);
    for (const char* key : {"path", "baud", "parity", "stop_bits", "host", "port", "max_in_flight"}) reader.note(key);
    reader.finish();
  }
  // Two masters on one line take each other's answers.
  if (const auto [at, fresh] = lines.emplace(line, bus.id); !line.empty() && !fresh)
    reader.problem(fmt::format("{} is the line of bus {} already", in_quotes(line), in_quotes(at->second)));
  loading.settings.site.buses.push_back({bus.id});
  loading.settings.buses.push_back(std::move(bus));
  loading.bus_defaults.push_back(std::move(defaults));
}

}  // namespace

void load_buses(TomlReader& root, Loading& loading) {
  if (!root.require("bus", "at least one [[bus]] is required")) return;
  std::map<std::string, std::string> lines;
  for (TomlReader& reader : root.tables("bus")) read_bus(reader, loading, lines);
}

}  // namespace hazgate::settings
