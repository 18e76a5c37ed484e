#include "app/subscribe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "app/secret_file.hpp"
#include "feed/ledger_follower.hpp"
#include "feed/mqtt.hpp"
#include "feed/payload.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

constexpr auto ask_again_every = seconds(5);
constexpr auto heads_come_within = std::chrono::milliseconds(1500);  // of the first message: they are retained

/// Where the lines are kept. A line is on disk before the next one is taken; a torn last one, of a kill in the middle
/// of a write, is cut off and asked for again.
class Keeping {
 public:
  explicit Keeping(const fs::path& file) : name_(file.string()) {
    if (file.empty()) return;
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail("cannot be opened");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) fail("is in use by another hazgate subscribe");
  }
  ~Keeping() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Keeping(const Keeping&) = delete;
  Keeping& operator=(const Keeping&) = delete;

  template <class Visit>
  void read(Visit visit) {
    if (descriptor_ < 0) return;
    std::ifstream in(name_, std::ios::binary);
    std::string line;
    off_t whole = 0;
    while (std::getline(in, line) && !in.eof()) {
      whole += static_cast<off_t>(line.size()) + 1;
      if (!line.empty()) visit(line);
    }
    if (::ftruncate(descriptor_, whole) != 0 || ::lseek(descriptor_, whole, SEEK_SET) < 0) fail("cannot be written");
  }
  void keep(const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    std::string text;
    for (const auto& line : lines) (text += line) += '\n';
    if (descriptor_ < 0) {
      std::cout << text << std::flush;
      return;
    }
    for (std::string_view rest = text; !rest.empty();) {
      const auto written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) fail("cannot be written");
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fdatasync(descriptor_) != 0) fail("cannot be written");
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw std::runtime_error(fmt::format("{}: {}: {}", name_, what, std::strerror(errno)));
  }
  std::string name_;
  int descriptor_ = -1;
};

class Subscription {
 public:
  explicit Subscription(const SubscribeOptions& options)
      : options_(options),
        follower_(options.key.empty() ? std::nullopt : std::optional(public_key_from(options.key, "--key"))),
        keeping_(options.output) {
    site_.site_id = options.site;
    keeping_.read([&](const std::string& line) { take(follower_.restore(line)); });
    asked_by_ = options.username.empty() ? client_id() : options.username;
  }

  bool run() {
    asio::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([this](auto error, int) {
      if (!error) io_.stop();
    });
    asio::steady_timer end(io_);
    if (options_.duration) {
      end.expires_after(*options_.duration);
      end.async_wait([this](auto error) {
        if (!error) io_.stop();
      });
    }
    feed::MqttFeed feed(
        mqtt_options(),
        {.delivered = {},
         .connection = [this](bool online, const std::string& why) { tell(online, why); },
         .request = {},
         .followed =
             [this](feed::Followed message) { asio::post(io_, [this, m = std::move(message)] { on_message(m); }); }});
    feed_ = &feed;
    last_news_ = std::chrono::steady_clock::now();
    each_second();
    io_.run();
    feed_ = nullptr;
    spdlog::info("records={} {}", follower_.records(), follower_.caught_up() ? "nothing missing" : "not caught up");
    if (options_.once && !follower_.caught_up())
      throw std::runtime_error("the time is over, and not every record that was announced is there");
    return whole_;
  }

 private:
  std::string client_id() const {
    return options_.client_id.empty() ? "hazgate-subscribe-" + options_.site : options_.client_id;
  }
  feed::MqttOptions mqtt_options() const {
    feed::MqttOptions mqtt{.url = options_.url,
                           .client_id = client_id(),
                           .username = options_.username,
                           .password = read_secret(options_.password_file, "--password-file"),
                           .ca = options_.ca.string(),
                           .cert = options_.cert.string(),
                           .key = options_.cert_key.string()};
    // The heads come first: who has them knows what is missing.
    auto enterprises = options_.enterprises;
    for (const auto what : {"ledger", "exceedance"}) {
      if (enterprises.empty()) mqtt.follow.push_back(feed::every_enterprise_topic(site_, what));
      for (const auto& enterprise : enterprises) mqtt.follow.push_back(feed::enterprise_topic(site_, enterprise, what));
    }
    mqtt.follow.push_back(feed::every_response_topic(site_, asked_by_));
    return mqtt;
  }
  void tell(bool online, const std::string& why) {
    spdlog::log(online ? spdlog::level::info : spdlog::level::warn, "broker={} state={} reason=\"{}\"", options_.url,
                online ? "up" : "down", why);
  }
  void on_message(const feed::Followed& message) {
    last_news_ = std::chrono::steady_clock::now();
    if (!first_news_) first_news_ = last_news_;
    if (message.topic.ends_with("/ledger")) return take(follower_.on_head(message.payload));
    if (message.topic.ends_with("/exceedance")) return take(follower_.on_record(message.payload));
    take(follower_.on_answer(message.payload));
  }
  void take(feed::LedgerFollower::Step step) {
    keeping_.keep(step.lines);
    for (const auto& trouble : step.troubles) {
      whole_ = false;
      spdlog::error("{}", trouble);
    }
    for (const auto& ask : step.asks) send(ask);
  }
  void send(const feed::LedgerFollower::Ask& ask) {
    if (feed_ == nullptr || !feed_->online()) return;  // asked again when it is
    feed::JsonWriter json;
    json.open().text("op", "exceedances").text("enterprise", ask.chain.enterprise).count("after_seq", ask.after_seq);
    json.close();
    core::Site gateway{.gateway_id = ask.chain.gateway, .site_id = options_.site};
    const bool known = !options_.username.empty();
    feed_->offer({feed::Message{.urgent = true,
                                .topic = feed::request_topic(gateway) + (known ? "/" + asked_by_ : ""),
                                .payload = json.take(),
                                .reply = true,
                                .response_topic = feed::response_prefix(gateway) + asked_by_}});
    last_asked_ = std::chrono::steady_clock::now();
  }
  void each_second() {
    const auto now = std::chrono::steady_clock::now();
    // Not when it is quiet: on a busy site that would be never.
    if (options_.once && follower_.caught_up() && first_news_ && now - *first_news_ > heads_come_within)
      return io_.stop();
    if (now - std::max(last_asked_, last_news_) > ask_again_every) {
      auto step = follower_.ask_again();
      if (!step.asks.empty()) take(std::move(step));
    }
    timer_.expires_after(std::chrono::milliseconds(500));
    timer_.async_wait([this](auto error) {
      if (!error) each_second();
    });
  }

  const SubscribeOptions& options_;
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
  core::Site site_;
  feed::LedgerFollower follower_;
  Keeping keeping_;
  std::string asked_by_;
  feed::MqttFeed* feed_ = nullptr;
  std::chrono::steady_clock::time_point last_news_{}, last_asked_{};
  std::optional<std::chrono::steady_clock::time_point> first_news_;
  bool whole_ = true;
};

}  // namespace

bool subscribe(const SubscribeOptions& options) { return Subscription(options).run(); }

}  // namespace hazgate::app
