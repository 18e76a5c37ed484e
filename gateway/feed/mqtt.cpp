#include "feed/mqtt.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <mutex>
#include <random>
#include <variant>

#include "feed/mailbox.hpp"
#include "feed/mqtt_session.hpp"
#include "feed/send_queue.hpp"

namespace hazgate::feed {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

/// Beyond the broker's own maximum nothing is gained: 64 outstanding messages hide any round trip a park has.
constexpr std::size_t window_maximum = 64;
constexpr milliseconds tick_period{500};
constexpr milliseconds drain_time{600}, stop_time{1900};
constexpr std::size_t packet_overhead = 64;  // MQTT's own bytes about a message, generously

struct Offered {
  std::vector<Message> messages;
};
struct NewStatus {
  std::string payload;
};
struct Stop {};
struct TellAgain {};
struct FromSession {
  std::uint64_t session = 0;
  SessionEvent event;
};
using Event = std::variant<Offered, NewStatus, Reply, Stop, TellAgain, FromSession>;

}  // namespace

struct MqttFeed::Impl {
  Impl(MqttOptions wanted, Events to_tell)
      : options(std::move(wanted)),
        events(std::move(to_tell)),
        gate(std::make_shared<RequestGate>(options)),
        guard(asio::make_work_guard(io)),
        retry(io),
        tick(io),
        mailbox(std::make_shared<Mailbox<Event>>(io, [this] { handle_mail(); })) {}

  void run();
  void handle_mail();
  void handle(Offered& offered);
  void handle(NewStatus& news);
  void handle(Reply& reply);
  void handle(Stop& stop);
  void handle(TellAgain& again);
  void handle(FromSession& from);
  void handle(const SessionUp& up);
  void handle(const SessionDown& down);
  void handle(const PublishAnswer& answer);
  void handle(const SubscribeRefused& refusal);
  void handle(Request& request);
  void handle(Followed& message);

  void connect();
  void connect_later();
  void subscribe();
  void lose(const std::string& why);
  void pump();
  void send(const SendQueue::Sending& sending);
  void refuse(std::uint64_t ticket, const std::string& why);
  void each_tick();
  void finish();
  Message status_message(std::string payload) const {
    return {.retain = true, .topic = options.status_topic, .payload = std::move(payload)};
  }
  void tell_connection(bool is_online, const std::string& why);
  void tell_delivered();

  const MqttOptions options;
  std::mutex events_lock;
  Events events;
  const std::shared_ptr<RequestGate> gate;

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  asio::steady_timer retry, tick;
  std::shared_ptr<Mailbox<Event>> mailbox;

  SendQueue queue;
  std::unique_ptr<MqttSession> session;
  std::uint64_t session_number = 0;
  std::size_t packet_maximum = 0;
  bool up = false, stopping = false;
  int attempts = 0;
  Clock::time_point up_since, last_progress, drain_until;
  std::vector<std::int64_t> delivered;
  std::pair<bool, std::string> last_told{false, "never connected"};
  std::minstd_rand dice{std::random_device{}()};

  std::atomic<bool> online{false};
  std::atomic<std::uint64_t> published{0}, acknowledged{0}, refused{0}, connects{0}, requests{0};
  std::promise<void> ended;
};

void MqttFeed::Impl::run() {
  pthread_setname_np(pthread_self(), "mqtt");
  each_tick();
  connect();
  io.run();
  mailbox->close();
  session.reset();
  ended.set_value();
}

void MqttFeed::Impl::handle_mail() {
  for (auto& event : mailbox->take()) {
    std::visit([this](auto& e) { handle(e); }, event);
  }
  tell_delivered();
  pump();
}

void MqttFeed::Impl::handle(Offered& offered) {
  for (auto& message : offered.messages) queue.offer(std::move(message));
}

void MqttFeed::Impl::handle(NewStatus& news) {
  if (!stopping) queue.status(status_message(std::move(news.payload)));
}

void MqttFeed::Impl::handle(Reply& reply) {
  queue.offer({.urgent = true,
               .topic = std::move(reply.response_topic),
               .payload = std::move(reply.payload),
               .reply = true,
               .correlation = std::move(reply.correlation)});
}

void MqttFeed::Impl::handle(Stop&) {
  stopping = true;
  drain_until = Clock::now() + drain_time;
  queue.status_only();
  if (up) {
    if (!options.status_topic.empty()) queue.status(status_message(options.offline_payload));
  } else {
    finish();
  }
}

void MqttFeed::Impl::handle(TellAgain&) {
  std::lock_guard lock(events_lock);
  if (events.connection) events.connection(last_told.first, last_told.second);
}

void MqttFeed::Impl::handle(FromSession& from) {
  // An answer is told apart by its ticket, and a request was acknowledged whatever became of its connection; what a
  // former connection says of itself is no news.
  bool outlives = std::holds_alternative<PublishAnswer>(from.event) || std::holds_alternative<Request>(from.event) ||
                  std::holds_alternative<Followed>(from.event);
  if (from.session != session_number && !outlives) return;
  std::visit([this](auto& event) { handle(event); }, from.event);
}

void MqttFeed::Impl::handle(const SessionUp& news) {
  up = true;
  online = true;
  ++connects;
  up_since = last_progress = Clock::now();
  packet_maximum = news.packet_maximum;
  queue.connected(std::min<std::size_t>(window_maximum, news.receive_maximum));
  tell_connection(true, "connected to " + options.url);
  subscribe();
}

void MqttFeed::Impl::subscribe() {
  auto topics = options.follow;
  if (!options.request_topic.empty()) {
    for (const auto* below : {"", "/+"}) topics.push_back(options.request_topic + below);
  }
  for (const auto& topic : topics) {
    if (session->subscribe(topic)) continue;
    lose("connection lost");
    return;
  }
}

void MqttFeed::Impl::handle(const SessionDown& down) { lose(down.why); }

void MqttFeed::Impl::handle(const PublishAnswer& answer) {
  last_progress = Clock::now();
  if (answer.reason >= 0x80) {
    refuse(answer.ticket, reason_text(answer.reason));
    return;
  }
  auto id = queue.acknowledged(answer.ticket);
  if (!id) return;
  ++acknowledged;
  if (*id != 0) delivered.push_back(*id);
}

void MqttFeed::Impl::handle(const SubscribeRefused& refusal) {
  tell_connection(
      true, (options.follow.empty() ? "no requests on " : "nothing is heard on ") + refusal.topic + ": " + refusal.why);
}

void MqttFeed::Impl::handle(Request& request) {
  std::lock_guard lock(events_lock);
  if (stopping || !events.request) {
    gate->drop();
    return;
  }
  ++requests;
  events.request(std::move(request));
}

void MqttFeed::Impl::handle(Followed& message) {
  std::lock_guard lock(events_lock);
  if (!stopping && events.followed) events.followed(std::move(message));
}

void MqttFeed::Impl::refuse(std::uint64_t ticket, const std::string& why) {
  auto refusal = queue.refused(ticket, Clock::now());
  if (!refusal) return;
  ++refused;
  // Of a reply not its topic: those are without number, and each would be news.
  tell_connection(true, refusal->kept ? "message on " + refusal->topic + " refused, kept: " + why
                                      : "reply under " + options.response_prefix + " refused, dropped: " + why);
}

void MqttFeed::Impl::connect() {
  // The former session ends here and not in its own callback's wake: Paho may still be in it then.
  session.reset();
  ++session_number;
  last_progress = Clock::now();
  try {
    session =
        std::make_unique<MqttSession>(options, gate, [box = mailbox, number = session_number](SessionEvent event) {
          box->put(FromSession{number, std::move(event)});
        });
  } catch (const std::runtime_error& e) {
    lose(e.what());
  }
}

void MqttFeed::Impl::connect_later() {
  auto pause = std::min(options.retry_most, options.retry_first * (1 << std::min(attempts++, 16)));
  retry.expires_after(std::uniform_int_distribution<milliseconds::rep>(pause.count() / 2, pause.count())(dice) *
                      milliseconds(1));
  retry.async_wait([this](boost::system::error_code ec) {
    if (!ec && !stopping) connect();
  });
}

void MqttFeed::Impl::lose(const std::string& why) {
  // A broker that takes us in and throws us out at once must not be asked twice a second for ever.
  if (up && Clock::now() - up_since > 10 * options.retry_first) attempts = 0;
  up = false;
  online = false;
  ++session_number;
  queue.disconnected();
  tell_connection(false, options.url + ": " + why);
  if (stopping) {
    finish();
  } else {
    connect_later();
  }
}

void MqttFeed::Impl::pump() {
  if (!up) return;
  auto now = Clock::now();
  if (queue.in_flight() == 0) last_progress = now;
  while (auto sending = queue.next(now)) {
    send(*sending);
    if (!up) return;
  }
  if (stopping && queue.in_flight() == 0) finish();
}

void MqttFeed::Impl::send(const SendQueue::Sending& sending) {
  const Message& message = *sending.message;
  if (message.topic.size() + message.payload.size() + message.correlation.size() + packet_overhead > packet_maximum) {
    refuse(sending.ticket, "larger than the broker's maximum packet size");
    return;
  }
  ++published;
  if (!session->publish(sending.ticket, message)) lose("connection lost");
}

void MqttFeed::Impl::each_tick() {
  auto now = Clock::now();
  if (stopping && now > drain_until) {
    finish();
    return;
  }
  // A broker that works acknowledges something in that time; one that still answers pings may not (Paho looks no
  // further).
  if (up && queue.in_flight() > 0 && now - last_progress > options.keep_alive * 3 / 2) {
    lose("no acknowledgement for a long time");
  }
  pump();  // refused messages whose pause is over
  tick.expires_after(stopping ? milliseconds(50) : tick_period);
  tick.async_wait([this](boost::system::error_code ec) {
    if (!ec) each_tick();
  });
}

void MqttFeed::Impl::finish() {
  // The offline status did not get through: the last will says it in its place.
  if (up && (queue.in_flight() > 0 || queue.status_waiting())) session->leave_with_will();
  up = false;
  online = false;
  retry.cancel();
  tick.cancel();
  guard.reset();
  io.stop();
}

void MqttFeed::Impl::tell_connection(bool is_online, const std::string& why) {
  if (last_told == std::pair(is_online, why)) return;
  last_told = {is_online, why};
  std::lock_guard lock(events_lock);
  if (events.connection) events.connection(is_online, why);
}

void MqttFeed::Impl::tell_delivered() {
  if (delivered.empty()) return;
  std::lock_guard lock(events_lock);
  if (events.delivered) events.delivered(std::exchange(delivered, {}));
  delivered.clear();
}

void MqttFeed::check(const MqttOptions& options) { check_options(options); }

void MqttFeed::listen(Events events) {
  {
    std::lock_guard lock(impl_->events_lock);
    impl_->events = std::move(events);
  }
  impl_->mailbox->put(TellAgain{});
}

MqttFeed::MqttFeed(MqttOptions options, Events events) {
  check_options(options);
  impl_ = std::make_shared<Impl>(std::move(options), std::move(events));
  thread_ = std::thread([impl = impl_] { impl->run(); });
}

MqttFeed::~MqttFeed() {
  auto ended = impl_->ended.get_future();
  impl_->mailbox->put(Stop{});
  if (ended.wait_for(stop_time) == std::future_status::ready) {
    thread_.join();
    return;
  }
  // Paho sits in a name look-up or the like. Its thread keeps what it needs; our caller hears nothing more.
  std::lock_guard lock(impl_->events_lock);
  impl_->events = {};
  thread_.detach();
}

void MqttFeed::offer(std::vector<Message> messages) { impl_->mailbox->put(Offered{std::move(messages)}); }

void MqttFeed::status(std::string payload) { impl_->mailbox->put(NewStatus{std::move(payload)}); }

void MqttFeed::reply(Reply reply) {
  if (!reply.response_topic.empty()) impl_->mailbox->put(std::move(reply));
}

MqttCounters MqttFeed::counters() const {
  return {impl_->published, impl_->acknowledged, impl_->refused,
          impl_->connects,  impl_->requests,     impl_->gate->dropped()};
}

bool MqttFeed::online() const { return impl_->online; }

}  // namespace hazgate::feed
