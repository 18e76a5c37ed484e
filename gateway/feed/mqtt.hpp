// The MQTT 5 feed: connection, order, acknowledgements. Lives on a thread of its own, so that a name look-up or a dead
// broker never holds the polling loop. Paho stays behind mqtt_session.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hazgate::feed {

struct MqttOptions {
  std::string url;  ///< mqtt://host:port or mqtts://host:port
  std::string client_id, username, password;
  std::string ca, cert, key;    ///< file names, for mqtts
  std::string status_topic;     ///< empty: neither status nor last will
  std::string offline_payload;  ///< last will, retained
  std::chrono::seconds keep_alive{15};
  std::chrono::milliseconds retry_first{500}, retry_most{30000};  ///< pause before a new connection, jittered
  std::string request_topic;        ///< requests come on it and on one level below it; empty: none are taken
  std::vector<std::string> follow;  ///< topic filters of a client that reads what others publish; then no requests
  /// What a response topic must begin with, and then with the user where the request tells one; empty: none is
  /// accepted.
  std::string response_prefix;
  friend bool operator==(const MqttOptions&, const MqttOptions&) = default;
};

/// What somebody asks for, at least once. Stale ones are the broker's to drop (message expiry).
struct Request {
  std::string user;  ///< who is signed in, when the broker lets each write only on the level of that name; else empty
  std::string payload;
  std::string response_topic;  ///< empty: no answer is wanted
  std::string correlation;     ///< any bytes
};

/// What was published on a topic that is followed.
struct Followed {
  std::string topic, payload;
};

struct Reply {
  std::string response_topic, correlation, payload;
};

struct Message {
  std::int64_t id = 0;  ///< 0: not from the outbox, nobody waits for its PUBACK
  bool urgent = false;  ///< alarms: ahead of all readings
  bool retain = false;
  std::string topic, payload;
  bool reply = false;          ///< dropped when it is refused: its topic was a stranger's choice, and he asks again
  std::string correlation;     ///< of a reply or a request
  std::string response_topic;  ///< of a request
};

struct MqttCounters {
  std::uint64_t published = 0, acknowledged = 0, refused = 0, connects = 0;
  std::uint64_t requests = 0;          ///< delivered
  std::uint64_t requests_dropped = 0;  ///< see RequestGate for why
};

/// At least once, in order within each lane, never more in flight than the broker's Receive Maximum. A lost connection
/// makes a new one with jittered back-off (0.5 … 30 s) and sends again what was not acknowledged, in order. What the
/// broker refuses is kept and tried again after 1, 2, 4 … 60 s, each topic by itself; the reason goes to `connection`.
class MqttFeed {
 public:
  struct Events {
    std::function<void(std::vector<std::int64_t> ids)> delivered;  ///< after PUBACK; on the feed's thread
    std::function<void(bool online, std::string why)>
        connection;                          ///< each change and each new reason; on the feed's thread
    std::function<void(Request)> request;    ///< on the feed's thread
    std::function<void(Followed)> followed;  ///< on the feed's thread
  };
  /// Throws std::runtime_error for a URL or a certificate file that no connection can come of.
  static void check(const MqttOptions& options);
  /// Throws like check().
  MqttFeed(MqttOptions options, Events events);
  ~MqttFeed();  ///< offline status, disconnect; at most 2 s. Events may still come until it returns.

  /// Another one hears from now on, of the connection as it stands first; the former one not a word more once this
  /// returns. From any thread.
  void listen(Events events);
  /// From any thread. The caller keeps the total bounded (see app/outbox_pump).
  void offer(std::vector<Message> messages);
  /// Replaces the retained status; sent at once when online and again at each birth.
  void status(std::string payload);
  /// From any thread. Goes ahead of readings; nothing when the request named no response topic.
  void reply(Reply reply);
  MqttCounters counters() const;  ///< from any thread
  bool online() const;            ///< from any thread

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // its thread shares it: the library may hold that one longer than we wait
  std::thread thread_;
};

}  // namespace hazgate::feed
