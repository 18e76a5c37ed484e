#include "settings/advice_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "settings/limit_table.hpp"

namespace hazgate::settings {
namespace {

using core::Level;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Loaded {
  std::vector<core::Advice> rows;
  std::vector<std::string> problems;  ///< without the folder
};

Loaded load(const std::string& text) {
  const auto folder = std::filesystem::path{testing::TempDir()} / ("advice-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.toml") << text;
  Problems problems;
  Loaded loaded{.rows = read_advice(folder / "a.toml", problems), .problems = {}};
  for (auto& problem : problems) {
    EXPECT_EQ(problem.file, (folder / "a.toml").string());
    problem.file = "a.toml";
    loaded.problems.push_back(to_string(problem));
  }
  std::filesystem::remove_all(folder);
  return loaded;
}

std::string entry(const std::string& subjects, const std::string& level, const std::string& more = "") {
  return "[[advice]]\nfor = " + subjects + "\nlevel = \"" + level + "\"\nzh = \"看\"\nen = \"look\"\n" + more;
}

const std::vector<core::Advice>& shipped() {
  static const auto rows = [] {
    Problems problems;
    auto read = read_advice(SOURCE_DIR "/config/advice.toml", problems);
    for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
    return read;
  }();
  return rows;
}

TEST(AdviceFile, TheShippedOneLoadsWithoutAProblem) { EXPECT_GT(shipped().size(), 80U); }

TEST(AdviceFile, TheShippedOneHasAWordForEverythingThatCanAlarm) {
  for (auto subject : {"device", "bus", "output", "broker", "store", "clock", "coverage", "baseline"})
    EXPECT_EQ(core::advice_for(shipped(), subject, Level::notice)->subject, subject);
  for (auto agent : {"noise", "noise:peak", "cas:71-43-2", "cas:108-88-3", "cas:1330-20-7", "cas:7783-06-4",
                     "cas:630-08-0", "cas:7664-41-7", "cas:7782-50-5", "cas:124-38-9"})
    for (auto level : {Level::warning, Level::exceed, Level::danger}) {
      EXPECT_EQ(core::advice_for(shipped(), agent, level)->subject, agent);
      EXPECT_EQ(core::advice_for(shipped(), agent, level)->level, level);
    }
  EXPECT_EQ(core::advice_for(shipped(), "dust:40-3:respirable", Level::warning)->subject, "dust:40-*");
  EXPECT_EQ(core::advice_for(shipped(), "dust:49:total", Level::exceed)->subject, "dust:*");
  EXPECT_EQ(core::advice_for(shipped(), "wbgt:75:III", Level::danger)->subject, "wbgt:*");
  EXPECT_EQ(core::advice_for(shipped(), "gbz:313-1", Level::exceed)->subject, "gbz:313-*");
  EXPECT_EQ(core::advice_for(shipped(), "cas:67-64-1", Level::exceed)->subject, "cas:*");
  EXPECT_EQ(core::advice_for(shipped(), "none", Level::danger)->subject, "*");
}

TEST(AdviceFile, EachAgentOfTheShippedOneHasALimit) {
  Problems problems;
  const auto limits = LimitTable::read({SOURCE_DIR "/config"}, problems);
  for (const auto& row : shipped()) {
    const bool agent = row.subject.starts_with("cas:") || row.subject.starts_with("gbz:");
    if (agent && !row.subject.ends_with('*')) {
      EXPECT_TRUE(limits.agent(row.subject).has_value()) << row.subject;
    }
  }
}

TEST(AdviceFile, OneRowForEachWord) {
  const auto loaded =
      load(entry(R"(["noise", "dust:*"])", "exceed", "source = \"GBZ 1\"\n") + entry("\"bus\"", "notice"));
  EXPECT_THAT(loaded.problems, IsEmpty());
  const core::Advice noise{.subject = "noise", .level = Level::exceed, .zh = "看", .en = "look", .source = "GBZ 1"};
  auto dust = noise, bus = noise;
  dust.subject = "dust:*";
  bus = {.subject = "bus", .level = Level::notice, .zh = "看", .en = "look"};
  EXPECT_THAT(loaded.rows, ElementsAre(noise, dust, bus));
}

TEST(AdviceFile, AnEmptyFileHasNoRowsAndNoProblem) {
  EXPECT_THAT(load("").rows, IsEmpty());
  EXPECT_THAT(load("").problems, IsEmpty());
}

TEST(AdviceFile, UnknownKeysAreTold) {
  EXPECT_THAT(load(entry("\"bus\"", "notice", "sourse = \"x\"\n")).problems,
              ElementsAre("a.toml:6:1: advice[0].sourse: unknown key; did you mean \"source\"?"));
  EXPECT_THAT(load("advise = 1\n").problems, ElementsAre("a.toml:1:1: advise: unknown key; did you mean \"advice\"?"));
}

TEST(AdviceFile, UnknownLevelsAreTold) {
  EXPECT_THAT(load(entry("\"bus\"", "dangr")).problems,
              ElementsAre("a.toml:3:9: advice[0].level: \"dangr\" is not known; did you mean \"danger\"?"));
  EXPECT_THAT(load(entry("\"bus\"", "none")).problems,
              ElementsAre(HasSubstr("a.toml:3:9: advice[0].level: \"none\" is not known")));
}

TEST(AdviceFile, UnknownWordsAreTold) {
  EXPECT_THAT(load(entry("\"brokr\"", "notice")).problems,
              ElementsAre("a.toml:2:7: advice[0].for: \"brokr\" is not known; did you mean \"broker\"?"));
  EXPECT_THAT(load(entry("\"du*st\"", "notice")).problems,
              ElementsAre("a.toml:2:7: advice[0].for: \"du*st\" has a * that is not its end"));
  EXPECT_THAT(load(entry("\"cas:\"", "notice")).problems,
              ElementsAre(HasSubstr("a.toml:2:7: advice[0].for: \"cas:\"")));
  EXPECT_THAT(load(entry("\"\"", "notice")).problems,
              ElementsAre(HasSubstr("\"\" is not known; expected an agent's id")));
}

TEST(AdviceFile, WhatIsMissingIsToldAtItsEntry) {
  EXPECT_THAT(load("[[advice]]\nfor = \"bus\"\nlevel = \"notice\"\nen = \"look\"\n").problems,
              ElementsAre("a.toml:1:1: advice[0].zh: is required"));
  EXPECT_THAT(load("\n[[advice]]\n").problems,
              ElementsAre("a.toml:2:1: advice[0].for: is required", "a.toml:2:1: advice[0].level: is required",
                          "a.toml:2:1: advice[0].zh: is required", "a.toml:2:1: advice[0].en: is required"));
  EXPECT_THAT(load(entry("[]", "notice")).problems, ElementsAre("a.toml:2:7: advice[0].for: names nothing"));
}

std::string texts(const std::string& zh, const std::string& en) {
  return "[[advice]]\nfor = \"bus\"\nlevel = \"notice\"\nzh = \"" + zh + "\"\nen = \"" + en + "\"\n";
}

std::string repeated(const std::string& what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += what;
  return out;
}

TEST(AdviceFile, EmptyTextsAreTold) {
  EXPECT_THAT(load(texts("", " \\n ")).problems,
              ElementsAre("a.toml:4:6: advice[0].zh: is empty", "a.toml:5:6: advice[0].en: is empty"));
  EXPECT_THAT(load(entry("\"bus\"", "notice", "source = \"\"\n")).problems,
              ElementsAre("a.toml:6:10: advice[0].source: is empty"));
}

TEST(AdviceFile, LengthIsCountedInCharacters) {
  EXPECT_THAT(load(texts(repeated("水", 160), repeated("é", 300))).problems, IsEmpty());
  EXPECT_THAT(load(texts(repeated("水", 161), repeated("é", 301))).problems,
              ElementsAre("a.toml:4:6: advice[0].zh: has 161 characters; at most 160",
                          "a.toml:5:6: advice[0].en: has 301 characters; at most 300"));
}

TEST(AdviceFile, TwoTextsOfOneWordAndLevelAreTold) {
  const auto loaded =
      load(entry("\"bus\"", "notice") + entry(R"(["clock", "bus"])", "notice") + entry("\"bus\"", "danger"));
  EXPECT_THAT(loaded.problems,
              ElementsAre("a.toml:7:7: advice[1].for: \"bus\" has a text of level \"notice\" already"));
  EXPECT_THAT(load(entry(R"(["bus", "bus"])", "notice")).problems, SizeIs(1));
}

TEST(AdviceFile, WrongKindsAndBrokenFilesAreTold) {
  EXPECT_THAT(
      load("[[advice]]\nfor = 3\nlevel = 1\nzh = true\nen = []\n").problems,
      ElementsAre(HasSubstr("a.toml:2:7: advice[0].for: is an integer"), HasSubstr("a.toml:3:9: advice[0].level"),
                  HasSubstr("a.toml:4:6: advice[0].zh"), HasSubstr("a.toml:5:6: advice[0].en")));
  EXPECT_THAT(load("[[advice]\n").problems, ElementsAre(HasSubstr("not TOML")));
  EXPECT_THAT(load("advice = 1\n").problems, ElementsAre(HasSubstr("a.toml:1:10: advice: is an integer")));
  Problems problems;
  EXPECT_THAT(read_advice("/nowhere/advice.toml", problems), IsEmpty());
  EXPECT_THAT(problems, SizeIs(1));
}

TEST(AdviceFile, AnEntryThatIsWrongGivesNoRowAndTheOthersStay) {
  EXPECT_THAT(
      load(entry("\"bus\"", "notice") + entry(R"(["clock", "bus"])", "notice") + entry("\"store\"", "danger")).rows,
      SizeIs(2));
}

}  // namespace
}  // namespace hazgate::settings
