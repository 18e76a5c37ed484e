// What the tables of URLs are made of: one call, one route, and who may.
#pragma once

#include "web/problem.hpp"
#include "web/query.hpp"
#include "web/routes.hpp"

namespace hazgate::web {

/// Sets of roles; `anybody`: also who has not signed in.
using Roles = unsigned;
constexpr Roles role_bit(Role role) { return 1U << static_cast<unsigned>(role); }
constexpr Roles admin = role_bit(Role::admin), site = admin | role_bit(Role::site_operator),
                watchers = site | role_bit(Role::enterprise), everybody = watchers | role_bit(Role::regulator),
                anybody = 0;

/// As it is sent: with its tag, packed where the browser takes it, saved where it is a file.
Response document(const Request& request, const Document& document);

struct Routes::Call {
  const Api& api;
  const Page& page;
  const Request& request;
  Session session;  ///< of who has signed in; empty at a route for anybody
  std::vector<std::string> arguments;
  Query query;
  const Viewer& viewer() const { return session.viewer; }
  Response give(const Answer& answer) const { return answer ? document(request, *answer) : problem(answer.error()); }
  Response file(std::string_view path) const;
  Later<Response> sign_in(SignIn who) const;
  /// Nothing to show; or why it was not done.
  Response done(const Answer& answer) const { return answer ? Response{.status = 204} : problem(answer.error()); }
};

struct Routes::Route {
  Method method;
  std::string_view address;  ///< a pattern, and the names that it takes behind the question mark
  Roles roles;
  Later<Response> (*run)(Call&);
  Weight weight = Weight::ordinary;
};

}  // namespace hazgate::web
