#include "web/routes.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "web/routes_table.hpp"

namespace hazgate::web {

namespace json = boost::json;

namespace {

constexpr std::size_t most_rows = 1000, most_buckets = 2000;

Response text(unsigned status, std::string content_type, std::string body) {
  return {.status = status, .content_type = std::move(content_type), .body = bytes(std::move(body))};
}

std::string time_word(core::Timestamp at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at - second);
  return fmt::format("{:%FT%T}.{:03}Z", second, ms.count());
}

json::object greeting(const Api& api) {
  const auto words = api.greeting();
  return {{"site", words.site},       {"gateway", words.gateway},   {"language", words.language},
          {"version", words.version}, {"timezone", words.timezone}, {"utc_offset_minutes", words.utc_offset_minutes}};
}

Response session_answer(const Api& api, const Session& session) {
  auto body = greeting(api);
  body["signed_in"] = true;
  body["setup_needed"] = false;
  body["user"] = session.viewer.user;
  body["role"] = core::name(session.viewer.role);
  body["enterprise"] =
      session.viewer.enterprise.empty() ? json::value(nullptr) : json::value(session.viewer.enterprise);
  body["csrf"] = session.csrf;
  body["expires_at"] = time_word(session.expires_at);
  return text(200, "application/json", json::serialize(body));
}

std::string cookie(const Request& request, std::string_view token, std::chrono::seconds lives) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", cookie_name(request.secure), token,
                     lives.count(), request.secure ? "; Secure" : "");
}

std::vector<std::string_view> parts(std::string_view text, char between) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(between, at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

/// "/gaps?from&to": the pattern, and the names.
std::pair<std::string_view, std::vector<std::string_view>> split(std::string_view address) {
  const auto mark = address.find('?');
  if (mark == std::string_view::npos) return {address, {}};
  return {address.substr(0, mark), parts(address.substr(mark + 1), '&')};
}

AlarmsQuery alarms_query(const Query& query) {
  AlarmsQuery asked{.enterprise = query.text("enterprise"),
                    .workplace = query.text("workplace"),
                    .point = query.text("point"),
                    .before = query.number("before", 0, 0, std::uint64_t{1} << 53U),
                    .limit = query.number("limit", 100, 1, most_rows)};
  const auto state = query.text("state");
  if (!state.empty() && state != "open" && state != "all")
    throw Refused{bad_input("state 应为 open 或 all", "state: expected open or all")};
  asked.open = state != "all";
  if (const auto word = query.text("level"); !word.empty()) {
    const auto level = core::level_from(word);
    if (!level)
      throw Refused{bad_input("level 应为 notice、warning、exceed 或 danger",
                              "level: expected notice, warning, exceed or danger")};
    asked.level = *level;
  }
  return asked;
}

ReadingsQuery readings_query(const Query& query, const std::string& point) {
  const auto format = query.text("format");
  if (!format.empty() && format != "json" && format != "csv")
    throw Refused{bad_input("format 应为 json 或 csv", "format: expected json or csv")};
  ReadingsQuery asked{.point = point,
                      .from = query.time("from"),
                      .to = query.time("to"),
                      .resolution = query.number("resolution", 800, 1, most_buckets),
                      .csv = format == "csv"};
  constexpr auto longest = std::chrono::days(20 * 366);
  if (asked.to <= asked.from || asked.to - asked.from > longest)
    throw Refused{bad_input("to 应晚于 from，且不超过二十年", "to must be after from, by at most twenty years")};
  return asked;
}

/// What stands for the names of the pattern; none where it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern, const Target& target) {
  std::vector<std::string> arguments;
  const auto wanted = parts(pattern.substr(1), '/');
  if (wanted.size() != target.segments.size()) return std::nullopt;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      arguments.push_back(target.segments[i]);
    } else if (wanted[i] != target.segments[i]) {
      return std::nullopt;
    }
  }
  return arguments;
}

}  // namespace

namespace {
/// Of a report: its own styles, and nothing else at all.
constexpr std::string_view printed_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-modals";
}  // namespace

Response document(const Request& request, const Document& document) {
  Response response{.status = 200, .content_type = document.content_type, .body = document.body};
  response.etag = document.etag;
  if (!document.etag.empty() && request.if_none_match == document.etag) {
    response.status = 304;
    response.body = nullptr;
    return response;
  }
  if (document.gzipped && request.gzip) {
    response.body = document.gzipped;
    response.gzipped = true;
  }
  if (document.printed) response.headers.emplace_back("Content-Security-Policy", printed_policy);
  if (!document.attachment.empty())
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}\"", document.attachment));
  return response;
}

/// What a co_await hands over has a name first: within the expression g++ 12 destroys an aggregate or a closure twice,
/// and evaluates both sides of a choice.
std::span<const Routes::Route> Routes::gateway_routes() {
  using enum Method;
  constexpr static std::array table{
      // who is there
      Route{get, "/api/v1/session", anybody,
            [](Call& c) -> Later<Response> {
              if (const auto session = c.api.session(c.request.session)) co_return session_answer(c.api, *session);
              auto body = greeting(c.api);
              body["signed_in"] = false;
              body["setup_needed"] = c.api.greeting().setup_needed;
              co_return text(200, "application/json", json::serialize(body));
            }},
      Route{post, "/api/v1/session", anybody,
            [](Call& c) -> Later<Response> {
              const auto body = form(c.request, {"user", "password"});
              SignIn who{.user = form_text(body, "user"), .password = form_text(body, "password")};
              co_return co_await c.sign_in(std::move(who));
            }},
      Route{post, "/api/v1/setup", anybody,
            [](Call& c) -> Later<Response> {
              const auto body = form(c.request, {"user", "password", "token"});
              SignIn who{.user = form_text(body, "user"),
                         .password = form_text(body, "password"),
                         .token = form_text(body, "token")};
              co_return co_await c.sign_in(std::move(who));
            }},
      Route{delete_, "/api/v1/session?everywhere", everybody,
            [](Call& c) -> Later<Response> {
              if (c.query.yes("everywhere")) {
                co_await c.api.sign_out_everywhere(c.viewer());
              } else {
                co_await c.api.sign_out(c.viewer(), c.request.session);
              }
              Response gone{.status = 204};
              gone.headers.emplace_back("Set-Cookie", cookie(c.request, "", std::chrono::seconds(0)));
              co_return gone;
            }},
      Route{put, "/api/v1/session/password", everybody,
            [](Call& c) -> Later<Response> {
              const auto body = form(c.request, {"old", "new"});
              co_return c.done(
                  co_await c.api.change_password(c.viewer(), form_text(body, "old"), form_text(body, "new")));
            }},

      // what is now
      Route{get, "/api/v1/overview", watchers,
            [](Call& c) -> Later<Response> { co_return c.give(c.api.overview(c.viewer())); }},
      Route{get, "/api/v1/points", everybody,
            [](Call& c) -> Later<Response> { co_return c.give(c.api.points(c.viewer())); }},
      Route{get, "/api/v1/points/{point}", watchers,
            [](Call& c) -> Later<Response> { co_return c.give(c.api.point(c.viewer(), c.arguments[0])); }},
      Route{get, "/api/v1/devices", watchers,
            [](Call& c) -> Later<Response> { co_return c.give(c.api.devices(c.viewer())); }},
      Route{get, "/api/v1/status", site,
            [](Call& c) -> Later<Response> { co_return c.give(c.api.status(c.viewer())); }},

      // alarms
      Route{get, "/api/v1/alarms?state&level&enterprise&workplace&point&before&limit", watchers,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.alarms(c.viewer(), alarms_query(c.query)));
            }},
      Route{get, "/api/v1/alarms/{alarm}", watchers,
            [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.alarm(c.viewer(), c.arguments[0])); }},
      Route{post, "/api/v1/alarms/{alarm}/{action}", watchers,
            [](Call& c) -> Later<Response> {
              ActionForm action{.alarm = c.arguments[0],
                                .point = {},
                                .action = c.arguments[1],
                                .form = json::serialize(form(c.request))};
              co_return c.give(co_await c.api.act(c.viewer(), std::move(action)));
            }},
      Route{post, "/api/v1/points/{point}/{action}", watchers,
            [](Call& c) -> Later<Response> {
              ActionForm action{.alarm = {},
                                .point = c.arguments[0],
                                .action = c.arguments[1],
                                .form = json::serialize(form(c.request))};
              co_return c.give(co_await c.api.act(c.viewer(), std::move(action)));
            }},

      // what was
      Route{get, "/api/v1/points/{point}/readings?from&to&resolution&format", watchers,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.readings(c.viewer(), readings_query(c.query, c.arguments[0])));
            }},
      Route{get, "/api/v1/exposures?enterprise&workplace&point&from&to", everybody,
            [](Call& c) -> Later<Response> {
              ExposuresQuery asked{.enterprise = c.query.text("enterprise"),
                                   .workplace = c.query.text("workplace"),
                                   .point = c.query.text("point"),
                                   .from = c.query.day("from"),
                                   .to = c.query.day("to")};
              co_return c.give(co_await c.api.exposures(c.viewer(), std::move(asked)));
            }},
      Route{get, "/api/v1/exceedances?enterprise&after_seq", everybody,
            [](Call& c) -> Later<Response> {
              RecordsQuery asked{.enterprise = c.query.text("enterprise"),
                                 .after_seq = c.query.number("after_seq", 0, 0, std::uint64_t{1} << 53U)};
              co_return c.give(co_await c.api.exceedances(c.viewer(), std::move(asked)));
            }},
      Route{get, "/api/v1/ledger", everybody,
            [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.ledger(c.viewer())); }},
      Route{post, "/api/v1/ledger/verify", everybody,
            [](Call& c) -> Later<Response> {
              const auto body = form(c.request, {"enterprise"});
              const auto enterprise = body.contains("enterprise") ? form_text(body, "enterprise") : std::string();
              co_return c.give(co_await c.api.verify(c.viewer(), enterprise));
            }},
      Route{get, "/api/v1/gaps?workplace&from&to", everybody,
            [](Call& c) -> Later<Response> {
              GapsQuery asked{.workplace = c.query.text("workplace"),
                              .from = c.query.time_or_none("from"),
                              .to = c.query.time_or_none("to")};
              co_return c.give(co_await c.api.gaps(c.viewer(), std::move(asked)));
            }},

      // the installation
      Route{get, "/api/v1/devices/{device}/registers?table&first&count", site,
            [](Call& c) -> Later<Response> {
              const auto kind = c.query.text("table");
              RegistersQuery asked{.device = c.arguments[0],
                                   .table = kind.empty() ? "holding" : kind,
                                   .first = static_cast<std::uint16_t>(c.query.number("first", 0, 0, 65535)),
                                   .count = static_cast<std::uint16_t>(c.query.number("count", 8, 1, 64))};
              co_return c.give(co_await c.api.registers(c.viewer(), std::move(asked)));
            }},
      Route{get, "/api/v1/config", site,
            [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.config(c.viewer())); }},
      Route{get, "/api/v1/users", admin,
            [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.users(c.viewer())); }},
      Route{post, "/api/v1/users", admin,
            [](Call& c) -> Later<Response> {
              auto response = c.give(co_await c.api.add_user(c.viewer(), json::serialize(form(c.request))));
              if (response.status == 200) response.status = 201;
              co_return response;
            }},
      Route{patch, "/api/v1/users/{user}", admin,
            [](Call& c) -> Later<Response> {
              co_return c.give(
                  co_await c.api.change_user(c.viewer(), c.arguments[0], json::serialize(form(c.request))));
            }},
      Route{put, "/api/v1/users/{user}/password", admin,
            [](Call& c) -> Later<Response> {
              const auto body = form(c.request, {"password"});
              co_return c.done(co_await c.api.set_password(c.viewer(), c.arguments[0], form_text(body, "password")));
            }},
      Route{delete_, "/api/v1/users/{user}/sessions", admin,
            [](Call& c) -> Later<Response> {
              co_return c.done(co_await c.api.end_sessions(c.viewer(), c.arguments[0]));
            }},
      Route{get, "/api/v1/audit?before&limit", admin,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.audit(c.viewer(), c.query.number("before", 0, 0, std::uint64_t{1} << 53U),
                                                    c.query.number("limit", 100, 1, most_rows)));
            }},

      // for machines
      Route{get, live_path, watchers,
            [](Call&) -> Later<Response> {  // who upgrades does not come here
              auto response = problem({.status = 426,
                                       .code = "upgrade_required",
                                       .zh = "该地址只接受 WebSocket 连接",
                                       .en = "this address takes a WebSocket alone"});
              response.headers.emplace_back("Upgrade", "websocket");
              co_return response;
            }},
      Route{get, "/api/v1/openapi.json", anybody,
            [](Call& c) -> Later<Response> { co_return c.file("/openapi.json"); }},
      Route{get, "/healthz", anybody, [](Call&) -> Later<Response> { co_return text(200, "text/plain", "ok\n"); }},
      Route{get, "/readyz", anybody,
            [](Call& c) -> Later<Response> {
              const auto why = c.api.not_ready();
              co_return text(why.empty() ? 200 : 503, "text/plain; charset=utf-8",
                             why.empty() ? "ready\n" : why + "\n");
            }},
      Route{get, "/metrics", anybody,
            [](Call& c) -> Later<Response> {
              const auto session = c.api.session(c.request.session);
              const bool may = session && (site & role_bit(session->viewer.role)) != 0;
              if (!may && !c.api.may_scrape(c.request.address)) co_return problem(not_allowed());
              co_return text(200, "text/plain; version=0.0.4", c.api.metrics());
            }},
  };
  return table;
}

/// Both tables as one.
template <class Visit>
void Routes::each(Visit visit) {
  for (const auto table : {gateway_routes(), record_routes()})
    for (const auto& route : table)
      if (!visit(route)) return;
}

std::vector<RouteName> Routes::table() {
  std::vector<RouteName> names;
  each([&](const Route& route) {
    const auto [pattern, query] = split(route.address);
    names.push_back({route.method, pattern, query});
    return true;
  });
  return names;
}

Response Routes::Call::file(std::string_view path) const {
  const auto* file = page.find(path);
  if (file == nullptr) return problem(not_found());
  return document(request, {.body = file->body,
                            .content_type = file->content_type,
                            .etag = file->etag,
                            .gzipped = file->gzipped,
                            .attachment = {}});
}

Later<Response> Routes::Call::sign_in(SignIn who) const {
  who.address = request.address;
  const bool first = request.target.path == "/api/v1/setup";
  if (first && who.token.empty()) throw Refused{bad_input("缺少一次性口令", "the one-time token is missing")};
  const auto in = co_await api.sign_in(std::move(who));
  if (!in) co_return problem(in.error());
  auto response = session_answer(api, in->session);
  // As long as a session can be prolonged by its use; how long it lives is decided here.
  constexpr auto lives = std::chrono::days(30);
  response.headers.emplace_back("Set-Cookie", cookie(request, in->token, lives));
  co_return response;
}

/// The files of the page; what is not there is told in the page's own words by its script.
Response Routes::page(const Request& request) const {
  if (request.method != Method::get && request.method != Method::head) return problem(not_found());
  const auto* file = page_.find(request.target.path);
  if (file == nullptr || request.target.path == "/openapi.json") return problem(not_found());
  return document(request, {.body = file->body,
                            .content_type = file->content_type,
                            .etag = file->etag,
                            .gzipped = file->gzipped,
                            .attachment = {}});
}

Later<Response> Routes::call(const Route& route, const Request& request, std::vector<std::string> arguments) const {
  const bool changes = request.method != Method::get && request.method != Method::head;
  if (changes && !same_origin(request.origin, request.host, request.secure))
    co_return problem({.status = 403,
                       .code = "foreign_origin",
                       .zh = "请求来自其他网站，已拒绝",
                       .en = "the request comes from another site"});
  std::optional<Session> session;
  if (route.roles != anybody) {
    session = api_.session(request.session);
    if (!session) co_return problem(not_signed_in());
    if ((route.roles & role_bit(session->viewer.role)) == 0) co_return problem(not_allowed());
    if (changes && (request.csrf.empty() || request.csrf != session->csrf))
      co_return problem({.status = 403,
                         .code = "csrf",
                         .zh = "页面已过期，请刷新后再试",
                         .en = "the page is out of date; load it again"});
    session->viewer.address = request.address;
  }
  Call call{.api = api_,
            .page = page_,
            .request = request,
            .session = session.value_or(Session()),
            .arguments = std::move(arguments),
            .query = Query(request.target, split(route.address).second)};
  co_return co_await route.run(call);
}

Routes::Found Routes::find(Method method, const Target& target) {
  Found found;
  each([&](const Route& route) {
    auto arguments = fit(split(route.address).first, target);
    if (!arguments) return true;
    if (route.method == method) {
      found.route = &route;
      found.arguments = std::move(*arguments);
      return false;
    }
    found.others += fmt::format("{}{}", found.others.empty() ? "" : ", ", name(route.method));
    return true;
  });
  return found;
}

Weight Routes::weight(Method method, const Target& target, std::optional<Role> role) {
  const auto found = find(method == Method::head ? Method::get : method, target);
  if (found.route == nullptr || !role || (found.route->roles & role_bit(*role)) == 0) return Weight::ordinary;
  return found.route->weight;
}

Later<Response> Routes::handle(const Request& request) const {
  std::string bug;
  try {
    if (!request.target.path.starts_with("/api/") && request.target.path != "/healthz" &&
        request.target.path != "/readyz" && request.target.path != "/metrics")
      co_return page(request);
    const auto method = request.method == Method::head ? Method::get : request.method;
    auto found = find(method, request.target);
    if (found.route != nullptr) co_return co_await call(*found.route, request, std::move(found.arguments));
    const auto& allowed = found.others;
    if (allowed.empty()) co_return problem(not_found());
    auto response = problem({.status = 405,
                             .code = "wrong_method",
                             .zh = "该地址不支持这种请求方法",
                             .en = fmt::format("this address takes {}", allowed)});
    response.headers.emplace_back("Allow", allowed);
    co_return response;
  } catch (const Refused& refused) {
    co_return problem(refused.why);
  } catch (const std::exception& e) {
    bug = e.what();
  }
  if (on_bug) on_bug(request, bug);
  co_return problem({.status = 500,
                     .code = "internal",
                     .zh = "网关内部错误，已记录",
                     .en = "the gateway could not do it; its log says why"});
}

boost::system::result<Session, Response> Routes::may_watch(const Request& request) const {
  if (request.origin.empty() || !same_origin(request.origin, request.host, request.secure))
    return problem({.status = 403,
                    .code = "foreign_origin",
                    .zh = "请求来自其他网站，已拒绝",
                    .en = "the request comes from another site"});
  auto session = api_.session(request.session);
  if (!session) return problem(not_signed_in());
  if ((watchers & role_bit(session->viewer.role)) == 0) return problem(not_allowed());
  return std::move(*session);
}

}  // namespace hazgate::web
