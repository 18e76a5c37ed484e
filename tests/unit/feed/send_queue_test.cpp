#include "feed/send_queue.hpp"

#include <gmock/gmock.h>

namespace hazgate::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr SendQueue::Time start{};

Message reading(std::int64_t id, std::string topic = "r") {
  return {.id = id, .topic = std::move(topic), .payload = ""};
}
Message alarm(std::int64_t id) { return {.id = id, .urgent = true, .topic = "a", .payload = ""}; }
Message status(std::string payload) { return {.retain = true, .topic = "s", .payload = std::move(payload)}; }

/// Sends all that may go: "<id>", or the payload of a status; tickets are kept by that name.
struct Wire {
  SendQueue& queue;
  std::map<std::string, std::uint64_t> tickets = {};

  std::vector<std::string> send(SendQueue::Time now = start) {
    std::vector<std::string> sent;
    while (auto sending = queue.next(now)) {
      sent.push_back(sending->message->id ? std::to_string(sending->message->id) : sending->message->payload);
      tickets[sent.back()] = sending->ticket;
    }
    return sent;
  }
  auto acknowledge(const std::string& what) { return queue.acknowledged(tickets.at(what)); }
  auto refuse(const std::string& what, SendQueue::Time now = start) { return queue.refused(tickets.at(what), now); }
};

TEST(SendQueue, SendsNothingBeforeAConnectionAndNeverMoreThanTheWindow) {
  SendQueue queue;
  Wire wire{queue};
  for (int i = 1; i <= 5; ++i) queue.offer(reading(i));
  EXPECT_THAT(wire.send(), IsEmpty());
  queue.connected(3);  // one of them for alarms
  EXPECT_THAT(wire.send(), ElementsAre("1", "2"));
  EXPECT_THAT(wire.send(), IsEmpty());
  EXPECT_EQ(wire.acknowledge("2"), 2);
  EXPECT_THAT(wire.send(), ElementsAre("3"));
}

TEST(SendQueue, LargeMessagesFillTheWindowByTheirBytesButOneAlwaysGoes) {
  SendQueue queue;
  Wire wire{queue};
  for (int i = 1; i <= 5; ++i)
    queue.offer({.id = i, .topic = "r", .payload = std::string(SendQueue::byte_window / 2, 'x')});
  queue.offer({.id = 6, .topic = "r", .payload = std::string(2 * SendQueue::byte_window, 'x')});
  queue.connected(20);
  EXPECT_THAT(wire.send(), ElementsAre("1", "2"));
  wire.acknowledge("1");
  EXPECT_THAT(wire.send(), ElementsAre("3"));
  queue.disconnected();
  queue.connected(20);
  EXPECT_THAT(wire.send(), ElementsAre("2", "3"));
  for (auto id : {"2", "3"}) wire.acknowledge(id);
  EXPECT_THAT(wire.send(), ElementsAre("4", "5"));
  for (auto id : {"4", "5"}) wire.acknowledge(id);
  EXPECT_THAT(wire.send(), ElementsAre("6"));
}

TEST(SendQueue, AnAlarmNeverWaitsUntilReadingsAreAcknowledged) {
  SendQueue queue;
  Wire wire{queue};
  for (int i = 1; i <= 30; ++i) queue.offer(reading(i));
  queue.connected(20);
  EXPECT_EQ(wire.send().size(), 18u);
  for (int i = 101; i <= 103; ++i) queue.offer(alarm(i));
  EXPECT_THAT(wire.send(), ElementsAre("101", "102")) << "and never more than the window";
  wire.acknowledge("1");
  EXPECT_THAT(wire.send(), ElementsAre("103"));
  queue.disconnected();
  queue.connected(20);
  EXPECT_EQ(wire.send().size(), 20u) << "what was acknowledged makes room, and what is lost with a connection too";

  SendQueue full;
  Wire large{full};
  for (int i = 1; i <= 2; ++i) full.offer({.id = i, .topic = "r", .payload = std::string(SendQueue::byte_window, 'x')});
  full.connected(20);
  EXPECT_THAT(large.send(), ElementsAre("1"));
  full.offer(alarm(3));
  EXPECT_THAT(large.send(), ElementsAre("3"));
}

TEST(SendQueue, AlarmsOvertakeReadingsThatWaitAndTheStatusGoesFirst) {
  SendQueue queue;
  Wire wire{queue};
  queue.offer(reading(1));
  queue.offer(alarm(2));
  queue.offer(alarm(3));
  queue.status(status("up"));
  queue.connected(10);
  EXPECT_THAT(wire.send(), ElementsAre("up", "2", "3", "1"));
}

TEST(SendQueue, AfterALostConnectionWhatWasNotAcknowledgedComesAgainInItsOldOrder) {
  SendQueue queue;
  Wire wire{queue};
  for (int i = 1; i <= 5; ++i) queue.offer(reading(i));
  queue.connected(3);
  wire.send();
  EXPECT_EQ(wire.acknowledge("2"), 2);
  queue.disconnected();
  queue.offer(reading(6));
  EXPECT_THAT(wire.send(), IsEmpty());
  queue.connected(10);
  EXPECT_THAT(wire.send(), ElementsAre("1", "3", "4", "5", "6"));
}

TEST(SendQueue, AnAnswerForAnOldConnectionIsNotTakenForTheMessageSentAgain) {
  SendQueue queue;
  Wire wire{queue};
  queue.offer(reading(1));
  queue.connected(1);
  wire.send();
  auto old = wire.tickets.at("1");
  queue.disconnected();
  queue.connected(1);
  wire.send();
  EXPECT_EQ(queue.acknowledged(old), std::nullopt);
  EXPECT_EQ(wire.acknowledge("1"), 1);
  EXPECT_EQ(wire.acknowledge("1"), std::nullopt) << "an id is delivered once";
}

TEST(SendQueue, OnlyTheNewestStatusWaitsAndEachConnectionIsBornWithIt) {
  SendQueue queue;
  Wire wire{queue};
  queue.status(status("one"));
  queue.status(status("two"));
  queue.connected(5);
  EXPECT_THAT(wire.send(), ElementsAre("two"));
  EXPECT_EQ(wire.acknowledge("two"), 0);
  queue.disconnected();
  queue.connected(5);
  EXPECT_THAT(wire.send(), ElementsAre("two"));
}

TEST(SendQueue, ARefusedTopicWaitsInOrderAndHoldsBackOnlyItself) {
  SendQueue queue(1s, 60s);
  Wire wire{queue};
  for (int i : {1, 2}) queue.offer(reading(i, "forbidden"));
  queue.connected(3);
  wire.send();
  EXPECT_EQ(wire.refuse("1"), (SendQueue::Refusal{"forbidden", true}));
  queue.offer(reading(3, "forbidden"));
  queue.offer(reading(4, "allowed"));
  EXPECT_THAT(wire.send(), ElementsAre("4"));
  wire.refuse("2");
  EXPECT_THAT(wire.send(start + 999ms), IsEmpty());
  EXPECT_THAT(wire.send(start + 1s), ElementsAre("1"));  // with 4 the readings' part of the window is full
}

TEST(SendQueue, ThePauseOfARefusedTopicDoublesToItsMaximumAndEndsWhenTheBrokerTakesIt) {
  SendQueue queue(1s, 3s);
  Wire wire{queue};
  queue.offer(reading(1));
  queue.offer(reading(2));
  queue.connected(3);
  auto now = start;
  for (auto pause : {1s, 2s, 3s, 3s}) {
    EXPECT_THAT(wire.send(now), ElementsAre("1", "2"));
    wire.refuse("1", now);
    wire.refuse("2", now);  // of the same burst: no longer pause for it
    EXPECT_THAT(wire.send(now + pause - 1ms), IsEmpty());
    now += pause;
  }
  EXPECT_THAT(wire.send(now), ElementsAre("1", "2"));
  wire.acknowledge("1");
  wire.refuse("2", now);
  EXPECT_THAT(wire.send(now + 1s), ElementsAre("2")) << "back to the first pause";
}

TEST(SendQueue, ARefusedReplyIsNotKeptAndHoldsBackNothing) {
  SendQueue queue;
  Wire wire{queue};
  for (auto* text : {"first", "second"}) {
    queue.offer({.urgent = true, .topic = "answers", .payload = text, .reply = true, .correlation = "c"});
  }
  queue.connected(1);
  EXPECT_THAT(wire.send(), ElementsAre("first"));
  EXPECT_EQ(wire.refuse("first"), (SendQueue::Refusal{"answers", false}));
  EXPECT_EQ(queue.in_flight(), 0u);
  EXPECT_THAT(wire.send(), ElementsAre("second"));
  wire.acknowledge("second");
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(SendQueue, WhenStoppingOnlyTheStatusStillGoesOut) {
  SendQueue queue;
  Wire wire{queue};
  queue.offer(alarm(1));
  queue.connected(5);
  queue.status_only();
  queue.status(status("offline"));
  EXPECT_TRUE(queue.status_waiting());
  EXPECT_THAT(wire.send(), ElementsAre("offline"));
  EXPECT_FALSE(queue.status_waiting());
  EXPECT_EQ(queue.waiting(), 1u);
}

}  // namespace
}  // namespace hazgate::feed
