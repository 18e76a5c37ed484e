// Plays each folder of cases/: load() must say exactly what its problems.txt says, no more and no less. An empty
// problems.txt is a configuration that is good. A mistake that users make becomes a folder; nobody writes code for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "settings/load.hpp"

namespace hazgate::settings {
namespace {

const std::filesystem::path cases = SOURCE_DIR "/tests/cases";

std::vector<std::string> claims() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{cases})
    if (std::filesystem::exists(entry.path() / "problems.txt")) names.insert(entry.path().filename().string());
  return {names.begin(), names.end()};
}

std::string read(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  EXPECT_TRUE(stream.is_open()) << file;
  return {std::istreambuf_iterator<char>{stream}, {}};
}

/// Paths as they stand in problems.txt: relative to the case, or to the repository.
std::string relative(std::string text, const std::filesystem::path& folder) {
  for (const std::string& prefix : {folder.string() + "/", std::string{SOURCE_DIR "/"}})
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
      text.erase(at, prefix.size());
  return text;
}

class Case : public testing::TestWithParam<std::string> {};

TEST_P(Case, IsReportedExactly) {
  const auto folder = cases / GetParam();
  const auto answer = load(folder / "gateway.toml", SOURCE_DIR "/config");
  std::string said;
  if (answer.has_error())
    for (const Problem& problem : answer.error()) said += relative(to_string(problem), folder) + "\n";
  EXPECT_EQ(said, read(folder / "problems.txt"));
}

INSTANTIATE_TEST_SUITE_P(Config, Case, testing::ValuesIn(claims()), [](const auto& one) {
  std::string name = one.param;
  std::ranges::replace_if(
      name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST(Cases, CoverThirtyKindsOfMistake) { EXPECT_GE(claims().size(), 30u); }

}  // namespace
}  // namespace hazgate::settings
