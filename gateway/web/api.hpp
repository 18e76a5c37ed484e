// What the page and the API need of the gateway, as plain functions: the web room knows no store, no feed and no
// instrument, and another store can stand behind the same functions. What they answer is JSON as openapi.json describes
// it. All are called on the loop's thread; those that take time are awaited.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm.hpp"
#include "core/reading.hpp"
#include "core/role.hpp"
#include "web/http.hpp"

namespace hazgate::web {

template <class T>
using Later = boost::asio::awaitable<T>;

using core::Role;

/// Whom an answer is for. What he may not see is not in it.
struct Viewer {
  std::string user;
  Role role = Role::regulator;
  std::string enterprise;  ///< of role enterprise: the only one that he sees
  std::string address;     ///< whom the request came from, for the audit
};

struct Session {
  Viewer viewer;
  std::string csrf;
  core::Timestamp expires_at;
};

/// Why something is not done: a stable word, and two languages. RFC 9457 has its form on the wire.
struct Refusal {
  unsigned status = 422;
  std::string code, zh, en;
  std::optional<unsigned> retry_after_s;
  struct Field {
    std::string name, zh, en;
  };
  std::vector<Field> fields;  ///< of a form
};

struct Document {
  Bytes body;
  std::string content_type = "application/json";
  std::string etag;        ///< of what stays the same for long; quoted
  Bytes gzipped;           ///< the same, where it was made already
  std::string attachment;  ///< the file's name, of what is saved and not shown
  bool printed = false;    ///< a document by itself, with its own styles and nothing that runs
};
using Answer = boost::system::result<Document, Refusal>;

struct SignedIn {
  std::string token;  ///< for the cookie, and nowhere else
  Session session;
};
struct SignIn {
  std::string user, password;
  std::string token;  ///< one-time, of the first start; else empty
  std::string address;
};

/// Whose answer is none of the store's: what the page says before anybody has signed in.
struct Greeting {
  std::string site, gateway, language, version, timezone;
  int utc_offset_minutes = 0;
  bool setup_needed = false;
};

struct AlarmsQuery {
  bool open = true;  ///< else all there ever were
  core::Level level = core::Level::none;
  std::string enterprise, workplace, point;
  std::uint64_t before = 0;  ///< number; 0: from the newest on
  std::size_t limit = 100;
};
struct ReadingsQuery {
  std::string point;
  core::Timestamp from, to;
  std::size_t resolution = 800;
  bool csv = false;
};
struct ExposuresQuery {
  std::string enterprise, workplace, point;
  std::optional<std::int32_t> from, to;  ///< local days since 1970, both included; none: today and yesterday
};
struct RecordsQuery {
  std::string enterprise;
  std::uint64_t after_seq = 0;
};
struct GapsQuery {
  std::string workplace;
  std::optional<core::Timestamp> from, to;
};
struct RegistersQuery {
  std::string device, table;
  std::uint16_t first = 0, count = 1;
};
/// What a person does with an alarm, or with a point that has none.
struct ActionForm {
  std::string alarm, point;  ///< one of them
  std::string action;
  std::string form;  ///< the request's JSON object
};

/// Of the enterprise's record. Days are local dates since 1970, both included; none: the year up to today.
struct Period {
  std::string enterprise;  ///< empty: all that the viewer may see
  std::optional<std::int32_t> from, to;
};
enum class FileForm { json, csv, xlsx, html, pdf };
struct AssessmentsQuery {
  Period period;
  std::string workplace, agent;
  bool withdrawn = false;
  FileForm form = FileForm::json;
  std::string language;
};
/// What a person enters: a new assessment, the next version of one, or that it counts no more.
struct AssessmentForm {
  enum class What { enter, correct, withdraw };
  What what = What::enter;
  std::string id;    ///< of the one that is corrected or withdrawn
  std::string form;  ///< the request's JSON object
  bool dry = false;  ///< judged, and not stored
};
struct Upload {
  std::string file;  ///< its name
  std::string bytes;
  std::string enterprise;  ///< whose it is, of who speaks for none
};
struct ImportForm {
  Upload upload;
  bool keep_good = false;  ///< store what is good of it, else all or nothing
  bool dry = false;
};
struct GroupQuery {
  Period period;
  std::string group, agent;
  bool online = false;  ///< of shifts as measured by instruments, else of laboratories
  std::string language;
};
struct ReportQuery {
  Period period;
  FileForm form = FileForm::html;
  std::string language;
};

struct Api {
  // who is there
  std::function<Greeting()> greeting;
  std::function<std::optional<Session>(std::string_view token)> session;
  std::function<Later<boost::system::result<SignedIn, Refusal>>(SignIn)> sign_in;
  std::function<Later<void>(Viewer, std::string token)> sign_out;
  std::function<Later<void>(Viewer)> sign_out_everywhere;
  std::function<Later<Answer>(Viewer, std::string old_password, std::string new_password)> change_password;

  // what is now
  std::function<Answer(const Viewer&)> overview, points, devices, status;
  std::function<Answer(const Viewer&, const std::string& id)> point;
  /// Of the store where it asks for more than what is open.
  std::function<Later<Answer>(Viewer, AlarmsQuery)> alarms;
  std::function<Later<Answer>(Viewer, ActionForm)> act;

  // what was
  std::function<Later<Answer>(Viewer, std::string id)> alarm;
  std::function<Later<Answer>(Viewer, ReadingsQuery)> readings;
  std::function<Later<Answer>(Viewer, ExposuresQuery)> exposures;
  std::function<Later<Answer>(Viewer, RecordsQuery)> exceedances;
  std::function<Later<Answer>(Viewer)> ledger;
  std::function<Later<Answer>(Viewer, std::string enterprise)> verify;
  std::function<Later<Answer>(Viewer, GapsQuery)> gaps;

  // the enterprise's record
  std::function<Later<Answer>(Viewer, AssessmentsQuery)> assessments;
  std::function<Later<Answer>(Viewer, std::string id)> assessment;
  std::function<Later<Answer>(Viewer, AssessmentForm)> enter_assessment;
  std::function<Later<Answer>(Viewer, ImportForm)> import_assessments;
  std::function<Later<Answer>(Viewer, FileForm form, std::string language)> assessment_template;
  std::function<Later<Answer>(Viewer, Upload)> attach;
  std::function<Later<Answer>(Viewer, std::string hash)> attachment;
  std::function<Later<Answer>(Viewer, Period)> posts, exposure_groups;
  std::function<Later<Answer>(Viewer, GroupQuery)> group_statistics, group_plot;
  std::function<Later<Answer>(Viewer, GroupQuery, std::string format)> group_export;
  std::function<Later<Answer>(Viewer, std::string enterprise)> duties;
  std::function<Later<Answer>(Viewer, std::string form)> duty_done;
  std::function<Later<Answer>(Viewer, ReportQuery)> report, park_report;

  // the installation
  std::function<Later<Answer>(Viewer, RegistersQuery)> registers;
  std::function<Later<Answer>(Viewer)> config;
  std::function<Later<Answer>(Viewer)> users;
  std::function<Later<Answer>(Viewer, std::string form)> add_user;
  std::function<Later<Answer>(Viewer, std::string name, std::string form)> change_user, set_password;
  std::function<Later<Answer>(Viewer, std::string name)> end_sessions;
  std::function<Later<Answer>(Viewer, std::uint64_t before, std::size_t limit)> audit;

  // for machines
  std::function<std::string()> metrics;
  std::function<bool(const std::string& address)> may_scrape;  ///< read the metrics without signing in
  /// Empty while the gateway does its work; else why it does not.
  std::function<std::string()> not_ready;

  /// What a browser that watches begins with; the deltas follow over Live::publish().
  std::function<Bytes(const Viewer&)> snapshot;
};

}  // namespace hazgate::web
