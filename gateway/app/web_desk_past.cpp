// The page's desk: what was. Answered beside the loop, a few questions of each user at a time.
#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "app/verify.hpp"
#include "app/wall_clock.hpp"
#include "app/web_answers.hpp"
#include "app/web_desk_look_up.hpp"
#include "async/called_back.hpp"
#include "settings/load.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
using feed::JsonWriter;
using std::chrono::steady_clock;
using web::Answer;
using web::Refusal;
using web::Viewer;

namespace {

/// One at a time verifies: that takes seconds.
struct Verifying {
  explicit Verifying(bool& at_it) : at_it_(at_it) { at_it_ = true; }
  ~Verifying() { at_it_ = false; }
  Verifying(const Verifying&) = delete;
  Verifying& operator=(const Verifying&) = delete;
  bool& at_it_;
};

}  // namespace

web::Later<Answer> WebDesk::exceedances(Viewer viewer, web::RecordsQuery query) {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, query.enterprise, "", "")) co_return web::not_found();
  const ExceedancesRequest asked{.enterprise = only ? viewer.enterprise : query.enterprise,
                                 .after_seq = query.after_seq};
  const auto ticket = Ticket::take(under_way_, viewer.user);
  if (!ticket) co_return too_many();
  auto answer = co_await async::called_back<std::string>(
      [&](std::function<void(std::string)> done) { writer_.ask(asked, std::move(done)); });
  if (answer.starts_with(R"({"v":1,"ok":false)")) co_return store_trouble("the ledger");
  co_return document(std::move(answer));
}

web::Later<Answer> WebDesk::verify(Viewer viewer, std::string enterprise) {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, enterprise, "", "")) co_return web::not_found();
  if (only) enterprise = viewer.enterprise;
  if (verifying_ || !verifies_.allow(viewer.user, steady_clock::now())) co_return busy();
  const Verifying now(verifying_);
  accounts_.record(viewer, "ledger_verify", enterprise);
  const auto begun = steady_clock::now();
  try {
    const VerifyOptions options{.file = settings_.gateway.data_dir / "hazgate.sqlite",
                                .key = ledger::hex(writer_.key().public_key()),
                                .heads = {},
                                .enterprise = enterprise,
                                .given_up = &stop_asking_,
                                .tells_progress = false};
    const auto [sound, report] = co_await async::on(inspector_, [&options] {
      std::ostringstream out;
      const bool whole = app::verify(options, out);
      return std::pair(whole, out.str());
    });
    JsonWriter json;
    json.open().yes_no("sound", sound).open_list("report");
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);) json.text({}, line);
    const auto took = std::chrono::duration<double, std::milli>(steady_clock::now() - begun);
    json.close_list().number("took_ms", std::round(took.count())).close();
    co_return document(json.take());
  } catch (const std::exception& e) {
    co_return store_trouble(e.what());
  }
}

/// The file as it lies there now, which need not be what runs. Who asks while others do waits for his turn.
web::Later<Answer> WebDesk::config_answer(Viewer viewer) {
  const auto ticket = Ticket::take(under_way_, viewer.user);
  if (!ticket) co_return too_many();
  const auto [text, problems] = co_await async::on(inspector_, [this] {
    auto read = config_text(config_);
    auto loaded = settings::load(config_);
    return std::pair(std::move(read), loaded.has_error() ? loaded.error() : settings::Problems{});
  });
  JsonWriter json;
  json.open().text("file", config_.filename().string()).text("text", text).yes_no("changed", text != config_text_);
  json.open_list("problems");
  for (const auto& problem : problems) {
    json.open().text("file", fs::path(problem.file).filename().string());
    json.count("line", problem.line);
    json.count("column", problem.column).text("text", problem.text).close();
  }
  json.close_list().close();
  co_return document(json.take());
}

void WebDesk::fill_past() {
  api_.alarm = [this](Viewer viewer, std::string id) {
    return look_up(viewer, [this, only = eyes(viewer), id](Past& past) { return pages_.alarm(past, only, id); });
  };
  api_.readings = [this](Viewer viewer, web::ReadingsQuery query) {
    return readings(std::move(viewer), std::move(query));
  };
  api_.exposures = [this](Viewer viewer, web::ExposuresQuery query) {
    return look_up(viewer, [this, only = eyes(viewer), query](Past& past) {
      return pages_.exposures(past, only, query, system_now());
    });
  };
  api_.gaps = [this](Viewer viewer, web::GapsQuery query) {
    return look_up(viewer, [this, only = eyes(viewer), query](Past& past) {
      return pages_.gaps(past, only, query, system_now());
    });
  };
  api_.ledger = [this](Viewer viewer) {
    return look_up(viewer,
                   [this, only = eyes(viewer)](Past& past) { return pages_.ledger(past, only, writer_.key().id()); });
  };
  api_.exceedances = [this](Viewer viewer, web::RecordsQuery query) {
    return exceedances(std::move(viewer), std::move(query));
  };
  api_.verify = [this](Viewer viewer, std::string enterprise) {
    return verify(std::move(viewer), std::move(enterprise));
  };
}

web::Later<Answer> WebDesk::alarms(Viewer viewer, web::AlarmsQuery query) {
  if (query.open) co_return open_alarms(viewer, query);
  const auto only = eyes(viewer);
  co_return co_await look_up(viewer, [this, &only, &query](Past& past) { return pages_.alarms(past, only, query); });
}

/// What leaves the gateway as a file is on record.
web::Later<Answer> WebDesk::readings(Viewer viewer, web::ReadingsQuery query) {
  const auto only = eyes(viewer);
  auto answer =
      co_await look_up(viewer, [this, &only, &query](Past& past) { return pages_.readings(past, only, query); });
  if (answer && query.csv) accounts_.record(viewer, "export", query.point);
  co_return answer;
}

}  // namespace hazgate::app
