// Users as an administrator keeps them, and the record of what everybody did.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "app/account_answers.hpp"
#include "app/account_desk.hpp"
#include "app/password.hpp"
#include "app/wall_clock.hpp"
#include "feed/json_text.hpp"

namespace hazgate::app {

namespace json = boost::json;
using feed::JsonWriter;
using storage::AccountOutcome;
using web::Refusal;

namespace {

void append_user(JsonWriter& json, const storage::User& user, std::size_t sessions) {
  json.open().text("name", user.name).text("role", core::name(user.role));
  json.text_or_null("enterprise", user.enterprise);
  json.yes_no("disabled", user.disabled).time("created_at", user.created_at).time("changed_at", user.changed_at);
  json.time("last_sign_in_at", user.last_sign_in_at).count("sessions", sessions).close();
}

/// What a form says of a user, and what is wrong with it.
struct UserForm {
  std::optional<std::string> name, password, enterprise;
  std::optional<core::Role> role;
  std::optional<bool> disabled;
};

boost::system::result<UserForm, Refusal> user_form(const std::string& text, const core::Site& site) {
  const auto body = json::parse(text).get_object();
  UserForm form;
  for (const auto& member : body) {
    const auto& value = member.value();
    const auto key = member.key();
    if (key == "disabled" && value.is_bool()) {
      form.disabled = value.get_bool();
    } else if (key == "enterprise" && (value.is_string() || value.is_null())) {
      form.enterprise = value.is_null() ? std::string() : std::string(value.get_string());
    } else if (key == "role" && value.is_string()) {
      form.role = core::role_from({value.get_string().data(), value.get_string().size()});
      if (!form.role)
        return of_field("role", "角色应为 admin、operator、enterprise 或 regulator",
                        "role: expected admin, operator, enterprise or regulator");
    } else if ((key == "name" || key == "password") && value.is_string()) {
      (key == "name" ? form.name : form.password) = std::string(value.get_string());
    } else {
      return web::bad_input(fmt::format("不认识的项或类型不对：{}", std::string_view(key)),
                            fmt::format("{}: not known here, or of a wrong type", std::string_view(key)));
    }
  }
  if (form.enterprise && !form.enterprise->empty() &&
      std::ranges::find(site.enterprises, *form.enterprise, &core::Enterprise::id) == site.enterprises.end())
    return of_field("enterprise", "没有这家企业", "there is no such enterprise");
  return form;
}

}  // namespace

web::Answer AccountDesk::outcome(AccountOutcome outcome) const {
  switch (outcome) {
    case AccountOutcome::done:
      return done_answer();
    case AccountOutcome::name_taken:
      return Refusal{.status = 409, .code = "conflict", .zh = "已有同名用户", .en = "there is a user of this name"};
    case AccountOutcome::unknown_user:
      return web::not_found();
    case AccountOutcome::last_admin:
      return Refusal{.status = 409,
                     .code = "last_admin",
                     .zh = "至少要保留一名可用的管理员",
                     .en = "one administrator must remain who can sign in"};
    case AccountOutcome::bad_name:
      return of_field("name", "用户名应为 1 至 64 个小写字母、数字或 . _ -，并以字母或数字开头",
                      "a name is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit");
    case AccountOutcome::bad_enterprise:
      return of_field("enterprise", "企业角色须选定企业，其他角色不选",
                      "role enterprise needs an enterprise, and no other role has one");
  }
  return web::not_found();
}

web::Later<web::Answer> AccountDesk::users(web::Viewer) {
  JsonWriter json;
  json.open().open_list("users");
  for (const auto& known : users_) {
    const auto& user = known.second;
    const auto his = [&](const auto& session) { return session.second.user == user.name; };
    append_user(json, user, static_cast<std::size_t>(std::ranges::count_if(sessions_, his)));
  }
  json.close_list().close();
  co_return web::Document{.body = web::bytes(json.take())};
}

web::Later<web::Answer> AccountDesk::add_user(web::Viewer viewer, std::string text) {
  const auto form = user_form(text, site_);
  if (!form) co_return form.error();
  if (!form->name || !form->role || !form->password)
    co_return web::bad_input("缺少 name、role 或 password", "name, role and password are needed");
  if (const auto trouble = password_trouble(*form->password, *form->name))
    co_return of_field("password", trouble->zh, trouble->en);
  const auto now = system_now();
  storage::User user{.name = *form->name,
                     .role = *form->role,
                     .enterprise = form->enterprise.value_or(""),
                     .password = {},
                     .disabled = false,
                     .created_at = now,
                     .changed_at = now,
                     .last_sign_in_at = {}};
  std::function<web::Answer()> work = [this, viewer, user, password = *form->password]() mutable -> web::Answer {
    user.password = hash_password(password);
    auto added = outcome(accounts().add_user(user));
    if (!added) return added;
    note(viewer.user, viewer.address, "user_add", fmt::format("{} {}", user.name, core::name(user.role)));
    JsonWriter json;
    append_user(json, user, 0);
    return web::Document{.body = web::bytes(json.take())};
  };
  co_return co_await change(std::move(work));
}

web::Later<web::Answer> AccountDesk::change_user(web::Viewer viewer, std::string name, std::string text) {
  const auto form = user_form(text, site_);
  if (!form) co_return form.error();
  if (form->name || form->password)
    co_return web::bad_input("此处只能改 role、enterprise、disabled", "here only role, enterprise and disabled change");
  storage::UserChange wanted{.role = form->role, .enterprise = form->enterprise, .disabled = form->disabled};
  std::function<web::Answer()> work = [this, viewer, name, wanted, text]() -> web::Answer {
    auto changed = outcome(accounts().change(name, wanted, system_now()));
    if (!changed) return changed;
    note(viewer.user, viewer.address, "user_change", name + " " + text);
    JsonWriter json;
    const auto all = accounts().sessions();
    append_user(json, accounts().user(name).value(),
                static_cast<std::size_t>(std::ranges::count(all, name, &storage::Session::user)));
    return web::Document{.body = web::bytes(json.take())};
  };
  co_return co_await change(std::move(work));
}

web::Later<web::Answer> AccountDesk::set_password(web::Viewer viewer, std::string name, std::string password) {
  if (const auto trouble = password_trouble(password, name)) co_return of_field("password", trouble->zh, trouble->en);
  std::function<web::Answer()> work = [this, viewer, name, password] {
    auto changed = outcome(accounts().set_password(name, hash_password(password), system_now()));
    if (changed) note(viewer.user, viewer.address, "user_password", name);
    return changed;
  };
  co_return co_await change(std::move(work));
}

web::Later<web::Answer> AccountDesk::end_sessions(web::Viewer viewer, std::string name) {
  std::function<web::Answer()> work = [this, viewer, name]() -> web::Answer {
    if (!accounts().user(name)) return web::not_found();
    const auto ended = accounts().end_sessions(name);
    note(viewer.user, viewer.address, "user_sign_out", fmt::format("{} sessions={}", name, ended));
    return done_answer();
  };
  co_return co_await change(std::move(work));
}

web::Later<web::Answer> AccountDesk::audit_page(web::Viewer, std::uint64_t before, std::size_t limit) {
  if (waiting_ >= most_waiting) co_return too_busy();
  try {
    const auto page = co_await at_file([this, before, limit] {
      return accounts().audit_page(before == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(before)),
                                   limit);
    });
    JsonWriter json;
    json.open().open_list("entries");
    for (const auto& entry : page) {
      json.open().count("id", static_cast<std::uint64_t>(entry.id)).time("at", entry.at).text("user", entry.user);
      json.text("address", entry.address).text("action", entry.action).text("detail", entry.detail).close();
    }
    json.close_list();
    if (page.size() < limit) {
      json.null("next");
    } else {
      json.text("next", std::to_string(page.back().id));
    }
    json.close();
    co_return web::Document{.body = web::bytes(json.take())};
  } catch (const storage::StoreError& e) {
    co_return accounts_trouble(e.what());
  }
}

/// What waits for the file is bounded: beyond it what was done is in the gateway's log alone.
void AccountDesk::record(const web::Viewer& viewer, std::string action, std::string detail) {
  constexpr std::size_t longest = 200;
  if (detail.size() > longest) detail.resize(longest);
  if (records_waiting_ >= most_records_waiting) {
    spdlog::error("audit user={} action={} lost=\"the file of users is too slow\"", viewer.user, action);
    return;
  }
  ++records_waiting_;
  island_.post([this, viewer, action = std::move(action), detail = std::move(detail)] {
    --records_waiting_;
    try {
      note(viewer.user, viewer.address, action, detail);
    } catch (const std::exception& e) {
      spdlog::error("audit user={} action={} reason=\"{}\"", viewer.user, action, e.what());
    }
  });
}

}  // namespace hazgate::app
