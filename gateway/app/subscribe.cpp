#include "app/subscribe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/algorithm/string/split.hpp>
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
#include <vector>

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

/// Where the lines are kept: records, and behind them the head that signs them. What is there is on disk before the
/// next step is taken. Records that a kill in the middle of a write left without their head are moved aside and asked
/// for again.
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

  /// Throws for a file that is something else: it is not touched.
  template <class Visit>
  void read(Visit visit) {
    if (descriptor_ < 0) return;
    const auto whole = signed_part();
    std::ifstream in(name_, std::ios::binary);
    std::string line;
    for (off_t at = 0; at < whole && std::getline(in, line);) {
      at += static_cast<off_t>(line.size()) + 1;
      visit(line);
    }
    in.clear();
    in.seekg(whole);
    const std::string rest(std::istreambuf_iterator<char>(in), {});
    if (!rest.empty()) {
      append(name_ + ".unsigned", rest);
      spdlog::warn("{}: {} bytes at its end, which no head signs, are now in {}.unsigned; they are asked for again",
                   name_, rest.size(), name_);
    }
    if (::ftruncate(descriptor_, whole) != 0 || ::lseek(descriptor_, whole, SEEK_SET) < 0) fail("cannot be written");
  }
  void keep(const std::vector<std::string>& lines) {
    const auto text = joined(lines);
    if (descriptor_ < 0) {
      std::cout << text << std::flush;
    } else if (!lines.empty()) {
      write_all(descriptor_, name_, text);
    }
  }
  void keep_aside(const std::vector<std::string>& contradictions) const {
    if (descriptor_ >= 0 && !contradictions.empty()) append(contradictions_name(), joined(contradictions));
  }
  std::string contradictions_name() const { return name_ + ".contradictions"; }
  bool has_contradictions() const { return descriptor_ >= 0 && fs::exists(contradictions_name()); }

 private:
  /// Up to its last head.
  off_t signed_part() const {
    std::ifstream in(name_, std::ios::binary);
    std::string line, why;
    off_t at = 0, whole = 0;
    while (std::getline(in, line) && !in.eof()) {
      const bool is_head = ledger::head_from(line).has_value();
      if (at == 0 && !is_head && !ledger::open(line, why)) break;
      at += static_cast<off_t>(line.size()) + 1;
      if (is_head) whole = at;
    }
    if (at == 0 && !line.empty())
      throw std::runtime_error(name_ + ": is no file of hazgate subscribe; give another --output");
    return whole;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) (text += line) += '\n';
    return text;
  }
  static void append(const std::string& name, const std::string& text) {
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) throw std::runtime_error(fmt::format("{}: cannot be opened: {}", name, std::strerror(errno)));
    write_all(file, name, text);
    ::close(file);
  }
  static void write_all(int file, const std::string& name, std::string_view rest) {
    const auto fail = [&] {
      throw std::runtime_error(fmt::format("{}: cannot be written: {}", name, std::strerror(errno)));
    };
    while (!rest.empty()) {
      const auto written = ::write(file, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) fail();
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fdatasync(file) != 0) fail();
  }
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
        follower_(options.site,
                  options.key.empty() ? std::nullopt : std::optional(public_key_from(options.key, "--key"))),
        keeping_(options.output) {
    site_.site_id = options.site;
    if (options.key.empty())
      spdlog::warn("no --key: each chain is checked against the key that it brings itself, which anybody can make");
    if (keeping_.has_contradictions()) {
      whole_ = false;
      spdlog::error("{} holds what contradicted before; keep it, and move it away when that is settled",
                    keeping_.contradictions_name());
    }
    keeping_.read([&](const std::string& line) {
      auto step = follower_.restore(line);
      if (step.broken)
        throw std::runtime_error(fmt::format("{}: {}; look at it with `hazgate verify`, and follow into another file",
                                             options.output.string(),
                                             step.troubles.empty() ? "it was changed" : step.troubles.back()));
      step.lines.clear();
      take(std::move(step));
    });
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
    last_asked_ = std::chrono::steady_clock::now();
    each_second();
    io_.run();
    feed_ = nullptr;
    spdlog::info("records={} {}", follower_.records(), follower_.caught_up() ? "nothing missing" : "not caught up");
    if (options_.once && !follower_.caught_up())
      throw std::runtime_error("the time is over, and not every record that was announced is there; missing of " +
                               (follower_.waiting_for().empty() ? "all" : follower_.waiting_for()));
    return whole_;
  }

 private:
  std::string client_id() const {
    if (!options_.client_id.empty()) return options_.client_id;
    // The same for each run into the same file, for which the broker keeps what comes meanwhile; another one for
    // others.
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    const auto file = options_.output.empty() ? std::to_string(::getpid()) : fs::absolute(options_.output).string();
    const auto hash = ledger::hex(ledger::sha256(fmt::format("{}\n{}\n{}", host, options_.username, file)));
    return "hazgate-subscribe-" + options_.site + "-" + hash.substr(0, 12);
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
    if (!first_news_) first_news_ = std::chrono::steady_clock::now();
    // hazgate/1/<site>/<enterprise>/<what>, or hazgate/1/<site>/gateway/<gateway>/response/…
    std::vector<std::string> levels;
    boost::algorithm::split(levels, message.topic, [](char c) { return c == '/'; });
    if (levels.size() < 5) return;
    if (levels.size() > 5) return take(follower_.on_answer(levels[4], message.payload));
    if (levels[4] == "ledger") return take(follower_.on_head(levels[3], message.payload));
    take(follower_.on_record(levels[3], message.payload));
  }
  void take(feed::LedgerFollower::Step step) {
    keeping_.keep(step.lines);
    keeping_.keep_aside(step.contradictions);
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
    if (now - last_asked_ > ask_again_every) {
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
  std::chrono::steady_clock::time_point last_asked_{};
  std::optional<std::chrono::steady_clock::time_point> first_news_;
  bool whole_ = true;
};

}  // namespace

bool subscribe(const SubscribeOptions& options) { return Subscription(options).run(); }

}  // namespace hazgate::app
