#include "settings/toml_reader.hpp"

#include <gmock/gmock.h>

#include "settings/words.hpp"

namespace hazgate::settings {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// A document with its reader; problems as text.
struct Document {
  explicit Document(std::string_view text) : table{parse_toml(text, "f.toml", problems)} {}
  TomlReader reader() { return {*table, {1, 1}, "", report}; }
  std::vector<std::string> said() const {
    std::vector<std::string> texts;
    for (const Problem& p : problems) texts.push_back(to_string(p));
    return texts;
  }
  Problems problems;
  std::optional<Table> table;
  Report report{"f.toml", problems};
};

TEST(TomlReader, NamesTheNearestKeyForAnUnknownOne) {
  Document d{"id = \"x\"\nperoid = \"1s\"\n"};
  TomlReader reader = d.reader();
  reader.text("id");
  reader.duration("period", {0ms, 1h});
  reader.finish();
  EXPECT_THAT(d.said(), ElementsAre("f.toml:2:1: peroid: unknown key; did you mean \"period\"?"));
}

TEST(TomlReader, SaysWhichTypeItFoundAndWhichItExpected) {
  Document d{"a = 1\nb = \"x\"\nc = 1\nd = [1, \"x\"]\ne = 2020-01-01\nf = {g = 1}\n"};
  TomlReader reader = d.reader();
  reader.text("a");
  reader.integer("b", {0, 1});
  reader.flag("c");
  reader.numbers("d");
  reader.number("e");
  reader.tables("f");
  EXPECT_THAT(d.said(), ElementsAre("f.toml:1:5: a: is an integer; expected a string",
                                    "f.toml:2:5: b: is a string; expected an integer",
                                    "f.toml:3:5: c: is an integer; expected true or false",
                                    "f.toml:4:5: d: is an array; expected an array of numbers",
                                    "f.toml:5:5: e: is a date or time; expected a number",
                                    "f.toml:6:5: f: is a table; expected tables headed [[f]]"));
}

TEST(TomlReader, RefusesNumbersThatAreNone) {
  Document d{"a = nan\nb = inf\n"};
  TomlReader reader = d.reader();
  EXPECT_FALSE(reader.number("a"));
  EXPECT_FALSE(reader.number("b"));
  EXPECT_THAT(d.said(), ElementsAre("f.toml:1:5: a: is not a finite number", "f.toml:2:5: b: is not a finite number"));
}

TEST(TomlReader, ReadersOfTablesOutliveTheCall) {
  Document d{"[[t]]\nid = \"one\"\n[[t]]\nid = \"two\"\n"};
  auto tables = d.reader().tables("t");
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[1].text("id"), "two");
  EXPECT_EQ(tables[1].path(), "t[1]");
}

TEST(TomlDocument, GivesOneProblemForASyntaxError) {
  EXPECT_THAT(Document{"a = \n"}.said(), ElementsAre(testing::StartsWith("f.toml:1:5: not TOML:")));
  EXPECT_THAT(Document{"a = \"\xff\"\n"}.said(),
              ElementsAre(testing::StartsWith("f.toml:1:5: not TOML: Encountered invalid utf-8")));
}

TEST(TomlDocument, MeasuresDepthOutsideOfStringsAndComments) {
  std::string dots(200, '.');
  EXPECT_THAT(Document{"a = \"" + dots + "\" # " + dots + "\nb = '''" + dots + "\n" + dots + "'''\n"}.said(),
              IsEmpty());
  EXPECT_THAT(Document{"a = 1\n" + std::string(40, 'x') + " = [\"#\", " + std::string(40, '[')}.said(),
              ElementsAre("f.toml:2:1: nested too deep; no key of ours needs more than three levels"));
}

TEST(Words, ReadDurationsWithTheirUnit) {
  EXPECT_EQ(duration_from("500ms"), 500ms);
  EXPECT_EQ(duration_from("10m"), 10min);
  EXPECT_EQ(duration_from("90d"), 90 * 24h);
  for (const char* bad : {"", "s", "5", "5 s", "-1s", "1.5s", "99999999999999999999s", "9223372036854775807d"})
    EXPECT_FALSE(duration_from(bad)) << bad;
}

TEST(Words, CountSwappedNeighboursAsOneEdit) {
  EXPECT_EQ(edit_distance("benzene", "benzene"), 0u);
  EXPECT_EQ(edit_distance("tpc", "tcp"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(nearest("holdin", {"coil", "holding"}), "holding");
  EXPECT_EQ(nearest("zzz", {"coil", "holding"}), "");
}

TEST(Words, KeepIdsFitForTopicsAndFiles) {
  EXPECT_EQ(id_trouble("Gas_1.a-b"), "");
  EXPECT_EQ(id_trouble(std::string(64, 'a')), "");
  for (const std::string& bad :
       std::vector<std::string>{"", "a/b", "a+", "#", "a b", "a\n", "粉尘", ".", "..", std::string(65, 'a')})
    EXPECT_NE(id_trouble(bad), "") << bad;
}

TEST(Words, QuoteWithoutControlCharactersAndNeverWithinACharacter) {
  EXPECT_EQ(in_quotes("a\x1b[2J"), "\"a\\x1b[2J\"");
  EXPECT_EQ(in_quotes(std::string(63, 'a') + "尘尘"), "\"" + std::string(63, 'a') + "…\"");
}

}  // namespace
}  // namespace hazgate::settings
