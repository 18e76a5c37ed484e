// A program that talks to a gateway's page on this machine: HTTP with the session's cookie and the page's token, and
// the live connection. Every call waits at most `patience` and throws boost::system::system_error beyond it.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace hazgate::test {

constexpr std::chrono::seconds patience(20);  ///< a request; long enough for a sanitizer on a busy machine

struct HttpAnswer {
  unsigned status = 0;
  std::string type;                            ///< of the content, without what follows a ";"
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// Throws where it is no JSON.
  boost::json::value json() const { return boost::json::parse(body); }
  /// Of a problem: its code; empty for any other answer.
  std::string code() const;
};

/// Keeps the cookie that the server gives, sends it again, and drops it when it is taken away. `csrf` of a session's
/// answer goes with everything that changes something; so does an Origin, as a browser sends one. Each request has a
/// connection of its own.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}

  HttpAnswer get(const std::string& target) { return send("GET", target); }
  HttpAnswer post(const std::string& target, const boost::json::value& body) { return send("POST", target, body); }
  HttpAnswer put(const std::string& target, const boost::json::value& body) { return send("PUT", target, body); }
  HttpAnswer patch(const std::string& target, const boost::json::value& body) { return send("PATCH", target, body); }
  HttpAnswer delete_(const std::string& target) { return send("DELETE", target); }
  /// Anything: what is in `headers` goes instead of what would be sent by itself; an empty one is left out.
  using Headers = std::map<std::string, std::string>;
  HttpAnswer send(const std::string& method, const std::string& target, const std::string& body,
                  const Headers& headers);

  HttpAnswer sign_in(const std::string& user, const std::string& password) {
    return post("/api/v1/session", {{"user", user}, {"password", password}});
  }
  /// The first administrator, by the one-time token.
  HttpAnswer set_up(const std::string& token, const std::string& user, const std::string& password) {
    return post("/api/v1/setup", {{"token", token}, {"user", user}, {"password", password}});
  }

  std::uint16_t port() const { return port_; }
  const std::string& cookie() const { return cookie_; }  ///< "name=value"; empty without one
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  HttpAnswer send(const std::string& method, const std::string& target);
  HttpAnswer send(const std::string& method, const std::string& target, const boost::json::value& body);
  void learn(const HttpAnswer& answer);

  std::uint16_t port_;
  std::string cookie_, csrf_;
};

/// What a browser that watches hears.
class LiveConnection {
 public:
  /// With the client's cookie and origin. Throws where the server does not make it a WebSocket.
  explicit LiveConnection(const HttpClient& client, const std::string& target = "/api/v1/live");
  ~LiveConnection();

  /// The next frame; empty when the server has closed the connection.
  std::string next();
  /// Why it did; 0 while it is open.
  unsigned close_code() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::test
