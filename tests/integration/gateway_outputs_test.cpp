// Outputs that fail, and outputs whose module was away: the built program against pymodbus.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integration/gateway_fixture.hpp"
#include "support/stored_rows.hpp"

namespace hazgate::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

/// A module that measures 630, far above its level, and carries the horn for it on coil 5.
struct Horn : testing::Test {
  SiteOnThisMachine site;
  const std::uint16_t port = free_port();
  std::unique_ptr<Process> module;

  Horn() {
    site.profile("module", "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    site.config(fmt::format("[[bus]]\nid = \"bus\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n", port));
    site.config("[[device]]\nid = \"m\"\nbus = \"bus\"\nunit = 1\nprofile = \"module\"\nperiod = \"200ms\"\n");
    site.config("[[limit]]\npoint = \"m.v\"\nlevel = \"exceed\"\nvalue = 30\nunit = \"mg/m3\"\non_delay = \"0s\"\n");
    site.config("[[action]]\non = \"exceed\"\ndevice = \"m\"\ncoil = 5\n");
  }
  void start_module(const std::string& how = "--units=1") {
    module.reset();
    module = std::make_unique<Process>(std::vector<std::string>{
        "/usr/bin/python3", SOURCE_DIR "/tests/integration/pymodbus_server.py", "--tcp", std::to_string(port), how});
    ASSERT_TRUE(module->wait_for("ready", seconds(20))) << module->output();
  }
  bool horn_is_written(std::size_t times, seconds within) {
    return eventually(
        [&] {
          const auto output = module->output();
          std::size_t found = 0;
          for (auto at = output.find("write 5=1"); at != output.npos; at = output.find("write 5=1", at + 1)) ++found;
          return found >= times;
        },
        within);
  }
};

TEST_F(Horn, ThatIsRefusedIsTriedAfterLongerAndLongerPausesAndSoonOnceItsModuleIsBack) {
  start_module("--refuse-writes");
  site.start_gateway();
  ASSERT_TRUE(horn_is_written(1, seconds(10))) << site.gateway->output();
  const auto first = steady_clock::now();
  ASSERT_TRUE(horn_is_written(4, seconds(20))) << site.gateway->output();
  EXPECT_GT(steady_clock::now() - first, seconds(6)) << "pauses of 1, 2 and 4 s";
  start_module();
  EXPECT_TRUE(horn_is_written(1, seconds(4))) << "the next pause would be 8 s\n" << site.gateway->output();
  EXPECT_TRUE(site.gateway->wait_for("output=0 value=1 state=confirmed", seconds(2))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(stored_rows(site.store().parent_path(),
                        "SELECT subject, level, highest FROM alarm_history WHERE subject_kind = 'output'"),
            "m-coil-5|warning|warning|\nm-coil-5|none|warning|\n")
      << "a horn that does not sound is an alarm itself";
}

TEST_F(Horn, ThatStandsIsWrittenAgainWhenItsModuleWasAway) {
  start_module();
  site.start_gateway();
  ASSERT_TRUE(site.gateway->wait_for("output=0 value=1 state=confirmed", seconds(10))) << site.gateway->output();
  start_module();
  EXPECT_TRUE(horn_is_written(1, seconds(10))) << site.gateway->output();
  EXPECT_FALSE(site.gateway->wait_for("state=failing", seconds(0))) << "a line that is not open yet is no failure\n"
                                                                    << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

}  // namespace
}  // namespace hazgate::test
