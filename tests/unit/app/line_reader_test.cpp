#include "app/line_reader.hpp"

#include <gtest/gtest.h>

#include "support/process.hpp"

namespace hazgate::app {
namespace {

std::vector<std::string> lines(const std::string& text) {
  const test::TemporaryFolder folder;
  LineReader reader(folder.write("lines", text));
  std::vector<std::string> all;
  while (const auto line = reader.next()) all.emplace_back(*line);
  EXPECT_EQ(reader.number(), all.size());
  EXPECT_FALSE(reader.failed());
  return all;
}
using Lines = std::vector<std::string>;

TEST(LineReader, GivesEachLineWithoutItsEnd) {
  EXPECT_EQ(lines(""), Lines{});
  EXPECT_EQ(lines("\n"), Lines{""});
  EXPECT_EQ(lines("a"), Lines{"a"});
  EXPECT_EQ(lines("a\r\n\nb\n"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines(std::string("a\0b\n\xff", 5)), (Lines{std::string("a\0b", 3), "\xff"}));
}

/// Wherever the blocks end that it reads.
TEST(LineReader, GivesLinesOfEveryLengthWhole) {
  std::string text;
  Lines expected;
  for (std::size_t i = 0; i < 3000; ++i) {
    expected.emplace_back(i % (LineReader::longest + 1), static_cast<char>('a' + i % 26));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines(text), expected);
}

TEST(LineReader, CutsALineThatIsTooLongAndSoTellsIt) {
  const auto all = lines("a\n" + std::string(10'000'000, 'x'));
  ASSERT_GE(all.size(), 2u);
  EXPECT_GT(all[1].size(), LineReader::longest);
  EXPECT_LT(all[1].size(), 100'000u) << "and holds no more of it";
}

TEST(LineReader, TellsAFileThatCannotBeReadFromAnEmptyOne) {
  const test::TemporaryFolder folder;
  for (const auto& path : {folder.path(), folder.path() / "nothing"}) {
    LineReader reader(path);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.failed()) << path;
  }
}

}  // namespace
}  // namespace hazgate::app
