#include "app/who_may.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hazgate::app {
namespace {

using settings::MqttRole;
constexpr core::EnterpriseIndex acme{0}, beta{1};

const std::vector<settings::MqttUser> users{{.name = "li", .role = MqttRole::site_operator},
                                            {.name = "anna", .role = MqttRole::enterprise, .enterprise = acme},
                                            {.name = "zhao", .role = MqttRole::regulator}};

bool user_may(std::string_view user, std::string_view op, std::optional<core::EnterpriseIndex> enterprise) {
  return may(asker_of(users, user), op, enterprise);
}

constexpr std::array ops{"alarm", "readings", "exceedances", "something new"};

TEST(WhoMay, WithoutUsersEverybodyIsAnOperator) {
  for (const auto* op : ops) {
    EXPECT_TRUE(may(asker_of({}, "anybody"), op, acme));
    EXPECT_TRUE(may(asker_of({}, ""), op, std::nullopt));
  }
}

TEST(WhoMay, AnOperatorAsksForEverything) {
  for (const auto* op : ops) {
    EXPECT_TRUE(user_may("li", op, acme)) << op;
    EXPECT_TRUE(user_may("li", op, beta)) << op;
    EXPECT_TRUE(user_may("li", op, std::nullopt)) << op;
  }
}

TEST(WhoMay, AnEnterpriseAsksForItsOwn) {
  for (const auto* op : {"alarm", "readings", "exceedances"}) {
    EXPECT_TRUE(user_may("anna", op, acme)) << op;
    EXPECT_FALSE(user_may("anna", op, beta)) << op;
    EXPECT_FALSE(user_may("anna", op, std::nullopt)) << op << ": of the gateway's own, and of all";
  }
  EXPECT_FALSE(user_may("anna", "something new", acme));
}

TEST(WhoMay, ARegulatorAsksForExceedancesOfAll) {
  EXPECT_TRUE(user_may("zhao", "exceedances", acme));
  EXPECT_TRUE(user_may("zhao", "exceedances", beta));
  EXPECT_FALSE(user_may("zhao", "alarm", acme));
  EXPECT_FALSE(user_may("zhao", "readings", acme));
  EXPECT_FALSE(user_may("zhao", "something new", acme));
}

TEST(WhoMay, WhoIsNotNamedIsRefusedAsSoonAsOneIs) {
  for (const auto* op : ops)
    for (const auto* user : {"mallory", "Li", "li ", "ann", ""}) EXPECT_FALSE(user_may(user, op, acme)) << user << op;
}

TEST(WhoMay, AnEnterprisesUserWithoutOneMayNothing) {
  const std::vector<settings::MqttUser> nobodys{{.name = "anna", .role = MqttRole::enterprise, .enterprise = {}}};
  for (const auto* op : ops) EXPECT_FALSE(may(asker_of(nobodys, "anna"), op, std::nullopt)) << op;
}

}  // namespace
}  // namespace hazgate::app
