#include <gmock/gmock.h>

#include "feed/mqtt.hpp"
#include "feed/mqtt_session.hpp"
#include "mqtt_feed_listener.hpp"

namespace hazgate::feed {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

MqttOptions with_requests(MqttOptions options) {
  options.request_topic = "t/request";
  options.response_prefix = "t/response/";
  return options;
}

/// A feed that keeps the requests it is told.
class Desk {
 public:
  explicit Desk(const MqttOptions& options) : feed_(options, events()) {}
  explicit Desk(const Mosquitto& broker) : Desk(with_requests(options_for(broker))) {}

  MqttFeed& feed() { return feed_; }
  const Listener& listener() const { return listener_; }
  std::vector<Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& request : requests()) all.push_back(request.payload);
    return all;
  }
  bool wait_for(std::size_t count, std::chrono::milliseconds timeout = 5s) const {
    return eventually([&] { return requests().size() >= count; }, timeout);
  }
  bool wait_for_dropped(std::uint64_t count) {
    return eventually([&] { return feed_.counters().requests_dropped >= count; }, 5s);
  }

 private:
  MqttFeed::Events events() {
    auto all = listener_.events();
    all.request = [this](Request request) {
      std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
    };
    return all;
  }

  Listener listener_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  MqttFeed feed_;
};

std::size_t subscriptions(const Mosquitto& broker) {
  auto log = broker.log();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = log.find("Sending SUBACK to hazgate-test", at)) != log.npos; ++at) ++count;
  return count;
}

/// Each connection makes two.
bool wait_for_subscriptions(const Mosquitto& broker, std::size_t count = 2) {
  return eventually([&] { return subscriptions(broker) >= count; }, 5s);
}

using Arguments = std::vector<std::string>;

Arguments client(const std::string& program, const Mosquitto& broker, const std::string& topic, Arguments more) {
  Arguments argv{program, "-V", "5", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-q", "1", "-t", topic};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

Arguments property(const std::string& name, const std::string& value) { return {"-D", "publish", name, value}; }

/// The broker has taken it when this returns.
void ask(const Mosquitto& broker, const std::string& topic, const std::string& payload, const Arguments& more = {}) {
  Arguments from_input{"-s"};
  from_input.insert(from_input.end(), more.begin(), more.end());
  auto done = answer_of(client("mosquitto_pub", broker, topic, from_input), [&](Process& pub) { pub.write(payload); });
  ASSERT_EQ(done.code, 0) << done.text;
}

TEST(MqttRequest, IsAnsweredWithItsCorrelationData) {
  Mosquitto broker;
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  const std::string correlation = "c-42 \xff\x01";
  Arguments more{"-e", "t/response/anna/7", "-m", "how much?", "-W", "10", "-F", "%D|%r|%p"};
  for (auto& word : property("correlation-data", correlation)) more.push_back(word);
  Process asker(client("mosquitto_rr", broker, "t/request/anna", more));
  ASSERT_TRUE(desk.wait_for(1)) << asker.output();
  auto request = desk.requests()[0];
  EXPECT_EQ(request.payload, "how much?");
  EXPECT_EQ(request.response_topic, "t/response/anna/7");
  EXPECT_EQ(request.correlation, correlation);
  desk.feed().reply({request.response_topic, request.correlation, "so much"});
  EXPECT_EQ(asker.wait(5s), 0);
  EXPECT_EQ(asker.output(), correlation + "|0|so much\n");
  EXPECT_EQ(desk.feed().counters().requests, 1u);
  Subscriber late(broker, "t/response/#");
  EXPECT_THAT(late.heard(), IsEmpty()) << "an answer is not retained";
}

TEST(MqttRequest, TheUserIsTheLevelBelowTheTopicAndNobodyOnThePlainTopic) {
  Mosquitto broker;
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  ask(broker, "t/request/anna", "1");
  ask(broker, "t/request", "2");
  ask(broker, "t/request/", "3");
  ask(broker, "t/request/bob", "4");
  ASSERT_TRUE(desk.wait_for(3));
  auto requests = desk.requests();
  EXPECT_THAT(desk.payloads(), ElementsAre("1", "2", "4"));
  EXPECT_EQ(requests[0].user, "anna");
  EXPECT_EQ(requests[1].user, "");
  EXPECT_EQ(requests[2].user, "bob");
  EXPECT_EQ(requests[0].response_topic, "") << "no answer is wanted";
  desk.feed().reply({"", "", "to nobody"});
  EXPECT_EQ(desk.feed().counters().requests_dropped, 1u) << "an empty level is no user";
  EXPECT_TRUE(desk.feed().online());
}

TEST(MqttRequest, WhatItMustNotDoForAStrangerIsDroppedAndCounted) {
  Mosquitto broker;
  ask(broker, "t/request/early", "retained before", {"-r"});
  Desk desk(broker);
  EXPECT_TRUE(desk.wait_for_dropped(1)) << "retained before the subscription";
  ask(broker, "t/request/fresh", "retained after", {"-r"});
  EXPECT_TRUE(desk.wait_for_dropped(2)) << "retained after it";
  ask(broker, "t/request/anna", "foreign", property("response-topic", "plant/valve/set"));
  EXPECT_TRUE(desk.wait_for_dropped(3)) << "a foreign response topic";
  ask(broker, "t/request/anna", "bare", property("response-topic", "t/response/"));
  EXPECT_TRUE(desk.wait_for_dropped(4)) << "the prefix alone";
  ask(broker, "t/request/anna", "bob's", property("response-topic", "t/response/bob"));
  EXPECT_TRUE(desk.wait_for_dropped(5)) << "another one's response topic";
  ask(broker, "t/request/anna", std::string(64 * 1024 + 1, 'x'));
  EXPECT_TRUE(desk.wait_for_dropped(6)) << "a large payload";
  ask(broker, "t/request/anna", "correlation", property("correlation-data", std::string(257, 'c')));
  EXPECT_TRUE(desk.wait_for_dropped(7)) << "long correlation data";
  ask(broker, "t/request/anna", std::string(64 * 1024, 'y'), property("correlation-data", std::string(256, 'c')));
  ASSERT_TRUE(desk.wait_for(1)) << "the largest that is taken";
  EXPECT_THAT(desk.payloads(), ElementsAre(std::string(64 * 1024, 'y')));
  EXPECT_EQ(desk.feed().counters().requests_dropped, 7u);
  EXPECT_EQ(desk.feed().counters().connects, 1u);
}

TEST(MqttRequest, AVastOneDoesNotEvenComeAndTheNextOneIsTaken) {
  Mosquitto broker;
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  ask(broker, "t/request/anna", std::string(4'000'000, 'x'));
  ask(broker, "t/request/anna", "small");
  ASSERT_TRUE(desk.wait_for(1));
  EXPECT_THAT(desk.payloads(), ElementsAre("small"));
  EXPECT_EQ(desk.feed().counters().requests_dropped, 0u);
  EXPECT_EQ(desk.feed().counters().connects, 1u);
}

TEST(MqttRequest, IsStillTakenFromABrokerThatForgotEverything) {
  Mosquitto broker;
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  broker.kill();
  ASSERT_TRUE(eventually([&] { return !desk.feed().online(); }, 5s));
  broker.start();
  ASSERT_TRUE(wait_for_subscriptions(broker, 4));
  ask(broker, "t/request/anna", "again");
  ask(broker, "t/request", "and again");
  EXPECT_TRUE(desk.wait_for(2));
}

TEST(MqttRequest, MadeWhileTheGatewayWasAwayComesWhenItIsBack) {
  Mosquitto broker;
  {
    Desk desk(broker);
    ASSERT_TRUE(wait_for_subscriptions(broker));
  }
  ask(broker, "t/request/anna", "waited");
  Desk back(broker);
  EXPECT_TRUE(back.wait_for(1));
}

TEST(MqttRequest, WithoutARequestTopicNoneIsTakenNotEvenOfASubscriptionTheBrokerRemembers) {
  Mosquitto broker;
  {
    Desk desk(broker);
    ASSERT_TRUE(wait_for_subscriptions(broker));
  }
  Desk desk(options_for(broker));
  ASSERT_TRUE(eventually([&] { return desk.feed().online(); }, 5s));
  ask(broker, "t/request/anna", "unwanted");
  EXPECT_TRUE(desk.wait_for_dropped(1));
  EXPECT_THAT(desk.requests(), IsEmpty());
  EXPECT_EQ(subscriptions(broker), 2u) << "those of the former feed";
}

TEST(MqttRequest, AFloodIsBoundedAndReadingsAreDeliveredBesideIt) {
  Mosquitto broker("max_queued_messages 0");
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  auto begin = std::chrono::steady_clock::now();
  desk.feed().offer(numbered(1, 2'000));
  std::string lines;
  for (int i = 1; i <= 1000; ++i) lines += std::to_string(i) + "\n";
  auto flood =
      answer_of(client("mosquitto_pub", broker, "t/request/mallory", {"-l"}), [&](Process& pub) { pub.write(lines); });
  ASSERT_EQ(flood.code, 0) << flood.text;
  EXPECT_TRUE(eventually([&] { return desk.listener().count() >= 2'000; }, 20s));
  EXPECT_EQ(desk.listener().delivered(), ids(1, 2'000));
  auto all = [&] { return desk.feed().counters().requests + desk.feed().counters().requests_dropped; };
  EXPECT_TRUE(eventually([&] { return all() == 1000; }, 20s)) << all();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(desk.requests().size(), 40u);
  EXPECT_LE(static_cast<double>(desk.requests().size()), 40 + 20 * took.count());
  EXPECT_EQ(desk.feed().counters().connects, 1u);
  ASSERT_TRUE(eventually(
      [&] {
        ask(broker, "t/request/anna", "after it");
        return desk.payloads().back() == "after it";
      },
      5s));
}

TEST(MqttRequest, AReplyOvertakesABacklogOfReadings) {
  Mosquitto broker("max_queued_messages 0");
  Subscriber subscriber(broker, "t/#");
  Desk desk(broker);
  desk.feed().offer(numbered(1, 10'000));
  ASSERT_TRUE(eventually([&] { return desk.listener().count() >= 100; }, 10s));
  desk.feed().reply({"t/response/7", "", "answer"});
  ASSERT_TRUE(subscriber.wait_for(10'001, 30s));
  auto heard = subscriber.heard();
  auto answer = std::find_if(heard.begin(), heard.end(), [](const Heard& one) { return one.payload == "answer"; });
  EXPECT_LT(answer - heard.begin(), 5'000) << "of 10,000";
}

TEST(MqttRequest, AReplyThatTheBrokerRefusesIsToldAndNotTriedAgain) {
  TemporaryFolder folder;
  auto acl = folder.write("acl", "topic readwrite #\ntopic deny t/response/forbidden\n");
  Mosquitto broker("acl_file " + acl.string());
  Desk desk(broker);
  ASSERT_TRUE(wait_for_subscriptions(broker));
  desk.feed().reply({"t/response/forbidden", "c", "answer"});
  EXPECT_TRUE(eventually(
      [&] {
        return desk.listener().was_told("+ reply under t/response/ refused, dropped: the broker says: Not authorized");
      },
      5s));
  EXPECT_FALSE(eventually([&] { return desk.feed().counters().refused > 1; }, 2s));
}

/// Takes everybody in, acknowledges publishes, and refuses every subscription.
constexpr auto unwilling_broker = R"py(
import socketserver, sys
class Unwilling(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(1):
            length, shift = 0, 0
            while True:
                byte = self.rfile.read(1)[0]
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128: break
            body = self.rfile.read(length)
            kind = head[0] >> 4
            if kind == 1: self.wfile.write(bytes.fromhex("2003000000"))
            if kind == 3:
                at = 2 + int.from_bytes(body[:2], "big")
                self.wfile.write(bytes.fromhex("4002") + body[at:at + 2])
            if kind == 8: self.wfile.write(bytes.fromhex("9004") + body[:2] + bytes.fromhex("0087"))
            if kind == 12: self.wfile.write(bytes.fromhex("d000"))
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", int(sys.argv[1])), Unwilling).serve_forever()
)py";

TEST(MqttRequest, ARefusedSubscriptionIsToldAndReadingsStillGoOut) {
  auto port = free_port();
  Process broker({"/usr/bin/python3", "-c", unwilling_broker, std::to_string(port)});
  Desk desk(with_requests(options_for("mqtt://127.0.0.1:" + std::to_string(port))));
  for (std::string topic : {"t/request", "t/request/+"}) {
    auto text = "+ no requests on " + topic + ": the broker says: Not authorized (0x87)";
    EXPECT_TRUE(eventually([&] { return desk.listener().was_told(text); }, 10s))
        << testing::PrintToString(desk.listener().told());
  }
  desk.feed().offer(numbered(1, 10));
  EXPECT_TRUE(eventually([&] { return desk.listener().count() == 10; }, 5s));
  EXPECT_EQ(desk.feed().counters().connects, 1u);
}

const MqttOptions gate_options = with_requests(options_for("mqtt://unused"));
constexpr RequestGate::Time start{};

Incoming incoming(std::string_view response_topic, std::string_view topic = "t/request") {
  return {.topic = topic, .payload = "x", .response_topic = response_topic, .correlation = ""};
}

TEST(MqttRequestGate, AcceptsResponseTopicsUnderThePrefixOnly) {
  RequestGate gate(gate_options);
  auto accepts = [&](std::string_view topic) { return gate.admit(incoming(topic), start).has_value(); };
  const std::string prefix = "t/response/";
  for (std::string good : {"", "t/response/1", "t/response/a/b", "t/response/J\xc3\xbcrgen"}) {
    EXPECT_TRUE(accepts(good)) << good;
  }
  EXPECT_TRUE(accepts(prefix + std::string(256 - prefix.size(), 'x')));
  EXPECT_FALSE(accepts(prefix + std::string(257 - prefix.size(), 'x')));
  for (std::string bad : {"t/response", "t/response/", "T/response/1", "x/t/response/1", "t/responses", "t/response/+",
                          "t/response/a/#", "t/response/\n", "t/response/\x7f", "t/response/\xff"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
  EXPECT_FALSE(accepts(prefix + std::string("a\0b", 3)));
  EXPECT_EQ(gate.dropped(), 12u);
}

TEST(MqttRequestGate, AnswersWhoToldHisNameUnderThatNameAndNowhereElse) {
  RequestGate gate(gate_options);
  auto accepts = [&](std::string_view topic) {
    return gate.admit(incoming(topic, "t/request/anna"), start).has_value();
  };
  for (std::string good : {"", "t/response/anna", "t/response/anna/1", "t/response/anna/a/b"}) {
    EXPECT_TRUE(accepts(good)) << good;
  }
  for (std::string bad : {"t/response/bob", "t/response/annabel", "t/response/ann", "t/response//anna", "t/response/1",
                          "t/response/bob/anna", "t/response/Anna"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
  EXPECT_EQ(gate.dropped(), 7u);
}

TEST(MqttRequestGate, WithoutAPrefixNoResponseTopicIsAccepted) {
  auto options = gate_options;
  options.response_prefix.clear();
  RequestGate gate(options);
  EXPECT_FALSE(gate.admit(incoming("anything"), start));
  EXPECT_TRUE(gate.admit(incoming(""), start));
}

TEST(MqttRequestGate, TopicsThatAreNotOursAreNoRequests) {
  RequestGate gate(gate_options);
  for (std::string topic : {"t/requests", "t/requestXanna", "t/request/", "t/request/a/b", "t", "other"}) {
    auto message = incoming("");
    message.topic = topic;
    EXPECT_FALSE(gate.admit(message, start)) << topic;
  }
}

TEST(MqttRequestGate, LetsFortyThroughAtOnceAndThenTwentyASecond) {
  RequestGate gate(gate_options);
  auto admitted = [&](RequestGate::Time now) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += gate.admit(incoming(""), now).has_value();
    return count;
  };
  auto now = start + 1h;
  EXPECT_EQ(admitted(now), 40);
  EXPECT_EQ(gate.dropped(), 60u);
  EXPECT_EQ(admitted(now + 1s), 20);
  EXPECT_EQ(admitted(now + 1s + 500ms), 10);
  EXPECT_EQ(admitted(now + 1min), 40) << "saved up no further than the burst";
}

TEST(MqttRequestGate, WhatIsDroppedForAnotherReasonTakesNoTurn) {
  RequestGate gate(gate_options);
  for (int i = 0; i < 1000; ++i) gate.admit(incoming("plant/valve/set"), start + 1h);
  EXPECT_TRUE(gate.admit(incoming(""), start + 1h));
}

}  // namespace
}  // namespace hazgate::feed
