// From a request to a response: the table of URLs, who may what, and the rules that hold for all of them. No socket:
// what takes time is awaited.
#pragma once

#include <span>

#include "web/api.hpp"
#include "web/page.hpp"

namespace hazgate::web {

/// One URL of the API. `{name}` stands for any one segment.
struct RouteName {
  Method method = Method::get;
  std::string_view pattern;
  std::vector<std::string_view> query;  ///< the names it takes behind the question mark
};

/// What a request may cost.
enum class Weight {
  ordinary,
  upload,  ///< brings a file
  report   ///< takes long to answer
};

class Routes {
 public:
  /// Both outlive this.
  Routes(const Api& api, const Page& page) : api_(api), page_(page) {}

  /// Never throws: what goes wrong inside is an answer 500 and `on_bug`.
  Later<Response> handle(const Request& request) const;
  /// Whether the request may become the live connection; else what it is answered.
  boost::system::result<Session, Response> may_watch(const Request& request) const;

  /// `role`: of who has signed in; a file is expected of nobody else, and of none who may not bring one.
  static Weight weight(Method method, const Target& target, std::optional<Role> role);

  /// All of the API's URLs, for the test that holds them against openapi.json.
  static std::vector<RouteName> table();
  std::function<void(const Request&, const std::string& why)> on_bug;

 private:
  struct Call;
  struct Route;
  struct Found {
    const Route* route = nullptr;
    std::vector<std::string> arguments;
    std::string others;  ///< methods that the address takes besides
  };
  static std::span<const Route> gateway_routes();
  static std::span<const Route> record_routes();  ///< of the enterprise's record
  template <class Visit>
  static void each(Visit visit);
  static Found find(Method method, const Target& target);
  Later<Response> call(const Route& route, const Request& request, std::vector<std::string> arguments) const;
  Response page(const Request& request) const;

  const Api& api_;
  const Page& page_;
};

/// The live connection: WebSocket.
inline constexpr std::string_view live_path = "/api/v1/live";

}  // namespace hazgate::web
