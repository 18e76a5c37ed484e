// The description of the API against the table of its URLs: the same addresses, and the same roles.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "unit/web/fake_api.hpp"

namespace hazgate::web {
namespace {

namespace json = boost::json;

struct Operation {
  Method method;
  std::string pattern;
  json::object described;
};

std::string lower(std::string_view text) {
  std::string made;
  for (const char c : text) made += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

json::object description() {
  std::ifstream in(SOURCE_DIR "/gateway/web/openapi.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return json::parse(text).get_object();
}

std::vector<Operation> described() {
  std::vector<Operation> all;
  const auto document = description();
  for (const auto& [pattern, item] : document.at("paths").as_object())
    for (const auto method : {Method::get, Method::post, Method::put, Method::patch, Method::delete_})
      if (const auto* operation = item.as_object().if_contains(lower(name(method))))
        all.push_back({method, std::string(pattern), operation->as_object()});
  return all;
}

std::string word(Method method, std::string_view pattern) {
  return std::string(name(method)) + " " + std::string(pattern);
}

/// An address that the pattern fits.
std::string example(std::string target) {
  for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
    target.replace(at, target.find('}') - at + 1, "x");
  return target;
}

/// For whom a session is one of those that the operation asks for.
bool is_for(const Operation& operation, std::string_view role) {
  for (const auto& requirement : operation.described.at("security").as_array()) {
    const auto* its = requirement.as_object().if_contains("session");
    if (its != nullptr && its->as_array().front() == json::string(role.data(), role.size())) return true;
  }
  return false;
}

/// Also without a session: for all, or for some by other marks.
bool is_for_strangers(const Operation& operation) {
  const auto& security = operation.described.at("security").as_array();
  return security.empty() || std::ranges::any_of(security, [](const auto& one) { return one.as_object().empty(); });
}

bool needs_csrf(const Operation& operation) {
  const auto& security = operation.described.at("security").as_array();
  return std::ranges::any_of(security, [](const auto& one) { return one.as_object().contains("csrf"); });
}

TEST(OpenApi, HasEveryAddressOfTheTableAndNoOther) {
  std::set<std::string> in_table, in_description;
  for (const auto& route : Routes::table()) in_table.insert(word(route.method, route.pattern));
  for (const auto& operation : described()) in_description.insert(word(operation.method, operation.pattern));
  EXPECT_EQ(in_description, in_table);
}

TEST(OpenApi, HasEveryNameOfAQueryAndNoOther) {
  const auto document = description();
  const auto& shared = document.at("components").at("parameters").as_object();
  std::map<std::string, std::set<std::string>> in_table, in_description;
  for (const auto& route : Routes::table())
    in_table[word(route.method, route.pattern)].insert(route.query.begin(), route.query.end());
  for (const auto& operation : described()) {
    auto& names = in_description[word(operation.method, operation.pattern)];
    const auto* parameters = operation.described.if_contains("parameters");
    if (parameters == nullptr) continue;
    for (const auto& given : parameters->as_array()) {
      const auto* reference = given.as_object().if_contains("$ref");
      const auto& parameter =
          reference == nullptr ? given
                               : shared.at(std::filesystem::path(reference->as_string().c_str()).filename().string());
      if (parameter.at("in") == "query") names.emplace(parameter.at("name").as_string());
    }
  }
  EXPECT_EQ(in_description, in_table);
}

class OpenApiRoles : public testing::Test, public FakeApi {
 public:
  unsigned status(const Operation& operation, const std::string& who, const std::string& csrf = "csrf") const {
    auto made = request(operation.method, example(operation.pattern), who);
    made.csrf = csrf;
    if (operation.pattern != live_path) return run(made).status;
    made.origin = "http://gw:8080";
    const auto may = routes.may_watch(made);
    return may ? 101U : may.error().status;
  }
};

TEST_F(OpenApiRoles, AreThoseOfTheRoutes) {
  for (const auto& operation : described()) {
    SCOPED_TRACE(word(operation.method, operation.pattern));
    const bool for_anybody = operation.described.at("security").as_array().empty();
    EXPECT_EQ(status(operation, "nobody") != 401, is_for_strangers(operation));
    for (const auto& [role, session] : sessions) {
      const bool may = for_anybody || is_for(operation, role);
      EXPECT_EQ(status(operation, role) != 403, may) << role;
      if (!may || operation.method == Method::get) continue;
      EXPECT_EQ(status(operation, role, "another") == 403, needs_csrf(operation)) << role;
    }
  }
}

}  // namespace
}  // namespace hazgate::web
