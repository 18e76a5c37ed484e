// The house's arrows, held against every #include. The same list stands in CMakeLists.txt.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Words = std::set<std::string>;

struct Room {
  Words rooms;      ///< may include these rooms of ours, besides itself
  Words libraries;  ///< may include these libraries, besides the standard library and the operating system
};

const std::map<std::string, Room> house{
    {"core", {{}, {}}},
    {"async", {{}, {"asio", "boost"}}},
    {"drivers", {{"async"}, {"asio", "boost", "modbus", "fmt"}}},
    {"settings", {{"core", "drivers"}, {"asio", "boost", "toml", "date", "fmt"}}},
    {"ledger", {{}, {"sodium", "openssl", "boost", "json", "fmt"}}},
    {"storage", {{"core"}, {"sqlite", "boost", "fmt", "zstd"}}},
    {"feed", {{"core", "async", "ledger"}, {"asio", "boost", "json", "paho", "openssl", "fmt"}}},
    {"records", {{"core", "settings", "feed"}, {"math", "xlsxwriter", "zip", "expat", "boost", "fmt"}}},
    {"web", {{"core", "async"}, {"asio", "boost", "beast", "url", "json", "openssl", "zlib", "fmt"}}},
    {"app",
     {{"core", "async", "drivers", "settings", "storage", "ledger", "feed", "records", "web"},
      {"asio", "boost", "json", "cli", "spdlog", "sodium", "prometheus", "fmt"}}},
};

/// The library that a header in angle brackets belongs to; empty for the standard library and the operating system.
std::string library_of(const std::string& header) {
  static const std::vector<std::pair<std::regex, std::string>> known{
      {std::regex("boost/asio.*"), "asio"},
      {std::regex("boost/json.*"), "json"},
      {std::regex("boost/beast.*"), "beast"},
      {std::regex("boost/url.*"), "url"},
      {std::regex("boost/math.*"), "math"},
      {std::regex("boost/.*"), "boost"},
      {std::regex("modbus.*"), "modbus"},
      {std::regex("toml.*"), "toml"},
      {std::regex("date/.*"), "date"},
      {std::regex("SQLiteCpp/.*|sqlite3.h"), "sqlite"},
      {std::regex("mqtt/.*|MQTT.*"), "paho"},
      {std::regex("openssl/.*"), "openssl"},
      {std::regex("CLI/.*"), "cli"},
      {std::regex("spdlog/.*"), "spdlog"},
      {std::regex("fmt/.*"), "fmt"},
      {std::regex("sodium.*"), "sodium"},
      {std::regex("zstd.*"), "zstd"},
      {std::regex("xlsxwriter.*"), "xlsxwriter"},
      {std::regex("zip.h"), "zip"},
      {std::regex("expat.h"), "expat"},
      {std::regex("zlib.*"), "zlib"},
      {std::regex("prometheus/.*"), "prometheus"},
      {std::regex("gtest/.*|gmock/.*"), "gtest"},
  };
  for (const auto& [pattern, name] : known) {
    if (std::regex_match(header, pattern)) return name;
  }
  return {};
}

std::string room_of(const fs::path& relative) {
  auto part = relative.begin();
  if (*part == "gateway") ++part;
  return part->string();
}

std::vector<std::string> arrows_not_in_the_house(const fs::path& file, const std::string& room) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<std::string> wrong;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, include)) continue;
    const std::string header = match[2];
    if (match[1] == "<") {
      const auto library = library_of(header);
      if (!library.empty() && !house.at(room).libraries.contains(library)) wrong.push_back(line);
      continue;
    }
    if (header == "migrations.inc" || header == "accounts_migrations.inc") continue;  // generated for storage
    const auto target = room_of(header);
    if (target != room && !house.at(room).rooms.contains(target)) wrong.push_back(line);
  }
  return wrong;
}

TEST(Layering, EveryIncludeIsAnArrowOfTheHouse) {
  std::size_t files = 0;
  for (const char* top : {"gateway", "drivers"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_DIR) / top)) {
      const auto extension = entry.path().extension();
      if (extension != ".hpp" && extension != ".cpp") continue;
      const auto relative = fs::relative(entry.path(), SOURCE_DIR);
      const auto room = room_of(relative);
      ASSERT_TRUE(house.contains(room)) << relative << ": a room that is not in the house";
      for (const auto& line : arrows_not_in_the_house(entry.path(), room)) ADD_FAILURE() << relative << ": " << line;
      ++files;
    }
  }
  EXPECT_GT(files, 50u) << "the walk found too little to prove anything";
}

}  // namespace
