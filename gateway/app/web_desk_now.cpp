// The page's desk: what is now, and what persons do about it.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "app/alarm_request.hpp"
#include "app/registers_page.hpp"
#include "app/wall_clock.hpp"
#include "app/web_answers.hpp"
#include "app/web_desk.hpp"
#include "async/called_back.hpp"
#include "feed/answer_payload.hpp"
#include "feed/reason_text.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

namespace json = boost::json;
using feed::JsonWriter;
using std::chrono::steady_clock;
using web::Answer;
using web::Refusal;
using web::Viewer;

namespace {

constexpr auto longest_commit = std::chrono::seconds(3);

std::string_view transport_of(const settings::BusSettings& bus) {
  const auto* rtu = std::get_if<modbus::RtuLinkOptions>(&bus.link);
  if (rtu == nullptr) return "tcp";
  return std::holds_alternative<modbus::SerialPort>(rtu->end) ? "rtu" : "rtu-over-tcp";
}

unsigned status_of(core::Refusal refusal) {
  switch (refusal) {
    case core::Refusal::no_such_alarm:
      return 404;
    case core::Refusal::no_name:
    case core::Refusal::note_too_long:
    case core::Refusal::note_needed:
    case core::Refusal::verdict_needed:
    case core::Refusal::shelf_too_long:
      return 422;
    default:
      return 409;
  }
}

}  // namespace

Answer WebDesk::site(const Viewer& viewer) {
  if (viewer.role == core::Role::regulator) return packed(prepared_.for_regulator);
  const auto only = eyes(viewer);
  return packed(only ? prepared_.of_enterprise.at(core::at(*only)) : prepared_.whole);
}

Answer WebDesk::point(const Viewer& viewer, const std::string& id) const {
  const auto index = pages_.point(eyes(viewer), id);
  if (!index) return web::not_found();
  const auto& site = settings_.site;
  JsonWriter json;
  json.open().json("point", point_json_[core::at(*index)]);
  if (const auto reading = board_.reading(*index)) {
    const char flag = static_cast<char>(reading->flag);
    json.open("reading").time("t", reading->at).number("value", reading->value);
    json.text("unit", core::symbol(site.points[core::at(*index)].unit)).text("flag", {&flag, 1}).close();
  } else {
    json.null("reading");
  }
  const auto* alarm = board_.alarm_at(*index);
  json.json("alarm", alarm == nullptr ? "null" : alarm_json(site, *alarm)).open_list("exposures");
  const auto now = system_now();
  board_.for_each_exposure(*index, [&](const core::Exposure& e) {
    if (e.window.end > now) append_exposure_with_place(json, site, e);
  });
  json.close_list();
  const auto* baseline = ingest_.monitor().baseline(*index);
  if (baseline == nullptr) {
    json.null("baseline");
  } else {
    json.open("baseline").number("high_z", baseline->high_z()).open_list("hours");
    const auto hours = baseline->hours();
    for (std::size_t hour = 0; hour < hours.size(); ++hour) {
      const auto& usual = hours[hour];
      json.open().count("hour", hour).number("median", usual.median).number("mad", usual.mad);
      json.number("floor", usual.floor).count("days", static_cast<std::uint64_t>(usual.days)).close();
    }
    json.close_list().close();
  }
  json.close();
  return document(json.take());
}

Answer WebDesk::devices(const Viewer& viewer) const {
  const auto only = eyes(viewer);
  const auto& site = settings_.site;
  const auto status = view_.status();
  JsonWriter json;
  json.open().time("at", status.at).open_list("buses");
  for (std::size_t i = 0; i < status.buses.size() && !only; ++i) {
    const auto& bus = status.buses[i];
    json.open().text("id", bus.id);
    json.text("transport", transport_of(settings_.buses[i]));
    json.yes_no("open", bus.open).text("trouble", bus.trouble).count("polls", bus.polls).count("failed", bus.failed);
    json.count("skipped", bus.skipped).count("reopened", bus.reopened).close();
  }
  json.close_list().open_list("devices");
  for (std::uint32_t i = 0; i < site.devices.size(); ++i) {
    const auto& device = site.devices[i];
    if (!board_.sees(only, device.workplace)) continue;
    json.open().text("id", device.id);
    if (only) {
      json.null("bus");
    } else {
      json.text("bus", site.buses[core::at(device.bus)].id);
    }
    json.text("workplace", site.workplaces[core::at(device.workplace)].id);
    json.number("period_s", core::in_seconds(device.period)).yes_no("answering", status.devices[i].answering);
    if (const auto trouble = board_.trouble(core::DeviceIndex{i})) {
      json.open("trouble").text("zh", trouble->zh).text("en", trouble->en).close();
    } else {
      json.null("trouble");
    }
    json.time("last_poll_at", board_.last_poll(core::DeviceIndex{i})).close();
  }
  json.close_list().number("lateness_p99_ms", only ? core::no_value : view_.lateness_p99_ms());
  json.number("lateness_worst_ms", only ? core::no_value : status.worst_lateness_ms).close();
  return document(json.take());
}

std::string WebDesk::status_json() const {
  JsonWriter json;
  json.open().text("broker", view_.broker()).number("lateness_p99_ms", view_.lateness_p99_ms());
  feed::append_status(json, settings_.site, view_.status());
  json.close();
  return json.take();
}

Answer WebDesk::open_alarms(const Viewer& viewer, const web::AlarmsQuery& query) const {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, query.enterprise, query.workplace, query.point)) return web::not_found();
  const auto& site = settings_.site;
  JsonWriter json;
  json.open().open_list("alarms");
  std::size_t given = 0;
  std::uint64_t last = 0;
  bool more = false;
  board_.for_each_alarm(only, [&](const core::Alarm& alarm, const std::string& text) {
    if ((query.before > 0 && alarm.number >= query.before) || alarm.highest < query.level) return;
    const auto place = site.workplace_of(alarm.subject, alarm.index);
    if (!query.workplace.empty() && (!place || site.workplaces[core::at(*place)].id != query.workplace)) return;
    if (!query.enterprise.empty() && (!place || site.enterprise_of(*place).id != query.enterprise)) return;
    if (!query.point.empty() && site.subject_id(alarm.subject, alarm.index) != query.point) return;
    if (given == query.limit) {
      more = true;
      return;
    }
    json.json({}, text);
    last = alarm.number;
    ++given;
  });
  json.close_list();
  if (more) {
    json.text("next", std::to_string(last));
  } else {
    json.null("next");
  }
  json.close();
  return document(json.take());
}

/// Of an alarm or a point that these eyes do not see nothing is told, not even that it is there.
bool WebDesk::knows(const Viewer& viewer, const web::ActionForm& form) const {
  const auto only = eyes(viewer);
  if (form.alarm.empty()) return pages_.point(only, form.point).has_value();
  const auto number = pages_.alarm_number(form.alarm);
  const auto* alarm = number ? board_.alarm(*number) : nullptr;
  return alarm != nullptr ? board_.sees(only, *alarm) : number && !only;
}

web::Later<Answer> WebDesk::act(Viewer viewer, web::ActionForm form) {
  if (!knows(viewer, form)) co_return web::not_found();
  if (!acts_.allow(viewer.user, steady_clock::now())) co_return too_many();
  auto request = json::parse(form.form).get_object();
  for (const auto* taken : {"op", "id", "point", "device", "bus", "output", "part", "action", "by"})
    if (request.contains(taken))
      co_return web::bad_input(fmt::format("请求体中不应有 {}", taken), fmt::format("{}: does not belong here", taken));
  request["op"] = "alarm";
  request[form.alarm.empty() ? "point" : "id"] = form.alarm.empty() ? form.point : form.alarm;
  request["action"] = form.action == "ack" ? "acknowledge" : form.action;
  const auto input = parse_alarm_request(settings_.site, json::serialize(request), viewer.user);
  if (!input) {
    const auto& why = input.error();
    const bool unknown = why.code == "unknown_subject" || why.code == "unknown_id" || why.code == "unknown_action";
    co_return Refusal{.status = unknown ? 404U : 422U,
                      .code = unknown ? "not_found" : why.code,
                      .zh = why.text.zh,
                      .en = why.text.en};
  }
  core::Monitor::Answer answer;
  // Who is told that it was done can rely on it: it is on disk, or he hears that it is not.
  async::asio::steady_timer patience(io_, longest_commit);
  const bool stored = co_await async::called_back<bool>([&](std::function<void(bool)> done) {
    auto told = std::make_shared<std::atomic<bool>>(false);
    auto once = [done = std::move(done), told](bool on_disk) {
      if (!told->exchange(true)) done(on_disk);
    };
    patience.async_wait([once](auto) { once(false); });
    answer = view_.act(*input, [once] { once(true); });
  });
  patience.cancel();
  const auto kind = core::name(input->action.kind);
  const bool done = answer.refusal == core::Refusal::none;
  accounts_.record(viewer, done ? fmt::format("alarm_{}", kind) : "alarm_refused",
                   done ? form.alarm + form.point
                        : fmt::format("{}{} {}: {}", form.alarm, form.point, kind, core::name(answer.refusal)));
  if (!done) {
    const auto text = feed::refusal_text(answer.refusal);
    co_return Refusal{.status = status_of(answer.refusal),
                      .code = std::string(core::name(answer.refusal)),
                      .zh = text.zh,
                      .en = text.en};
  }
  if (!stored)
    co_return Refusal{.status = 503,
                      .code = "not_stored",
                      .zh = "已执行，但尚未写入数据库：数据库故障，网关重启前有效",
                      .en = "it was done, and is not on disk yet: the store is in trouble; it holds until a restart"};
  JsonWriter json;
  json.open().json("alarm", answer.alarm ? alarm_json(settings_.site, *answer.alarm) : "null").close();
  co_return document(json.take());
}

web::Later<Answer> WebDesk::registers(web::RegistersQuery query) {
  const auto& devices = settings_.site.devices;
  const auto found = std::ranges::find(devices, query.device, &core::Device::id);
  const auto table = modbus::table_from(query.table);
  if (found == devices.end()) co_return web::not_found();
  if (!table)
    co_return web::bad_input("table 应为 holding、input、coil 或 discrete",
                             "table: expected holding, input, coil or discrete");
  const auto index = static_cast<std::uint32_t>(found - devices.begin());
  using Read = std::pair<boost::system::error_code, std::vector<std::uint16_t>>;
  const auto [error, words] = co_await async::called_back<Read>([&](std::function<void(Read)> done) {
    const bool taken =
        view_.look(core::DeviceIndex{index}, *table, query.first, query.count, [done](auto why, auto read) {
          done({why, {read.begin(), read.end()}});
        });
    if (!taken) done({boost::asio::error::try_again, {}});
  });
  if (error == boost::asio::error::try_again || error == boost::asio::error::operation_aborted) co_return busy();
  if (error) {
    const auto why = feed::reason_text(settings_.site, {.doubt = Ingest::doubt_of(error)});
    co_return Refusal{.status = 502,
                      .code = "device_trouble",
                      .zh = fmt::format("设备未给出这些寄存器：{}（{}）", why.zh, error.message()),
                      .en = fmt::format("the device did not give these registers: {} ({})", why.en, error.message())};
  }
  co_return document(registers_page(query, *table, words));
}

}  // namespace hazgate::app
