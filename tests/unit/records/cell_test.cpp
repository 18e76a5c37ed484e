#include "records/cell.hpp"

#include <gmock/gmock.h>

namespace hazgate::records {
namespace cell_test {
namespace {

std::string csv(std::string_view text) {
  std::string out;
  append_csv_text(out, text);
  return out;
}

std::string markup(std::string_view text) {
  std::string out;
  append_markup_text(out, text);
  return out;
}

struct FormulaInCsv : testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(FormulaInCsv, GetsAnApostropheAndQuotes) { EXPECT_EQ(csv(GetParam().first), GetParam().second); }

using P = std::pair<std::string, std::string>;
INSTANTIATE_TEST_SUITE_P(OfEachBeginning, FormulaInCsv,
                         testing::Values(P{"=1+1", "\"'=1+1\""}, P{"+1", "\"'+1\""}, P{"-1", "\"'-1\""},
                                         P{"@SUM(A1)", "\"'@SUM(A1)\""}, P{"\t=1", "\"' =1\""}, P{"\rx", "\"'x\""},
                                         P{"\nx", "\"'\nx\""}, P{"＝1", "\"'＝1\""}, P{"＋1", "\"'＋1\""},
                                         P{"－1", "\"'－1\""}, P{"＠a", "\"'＠a\""}, P{"  =1", "\"'  =1\""},
                                         P{"\u3000=1", "\"'\u3000=1\""}, P{"\u00A0=1", "\"'\u00A0=1\""},
                                         // What is taken out must not uncover a formula.
                                         P{"\x01=1", "\"'=1\""}, P{"\u202E=1", "\"'=1\""}));

TEST(Cell, OfPlainTextStaysAsItIsInCsv) {
  for (const char* text : {"", "a", "1=1", "a-b", "PC-TWA", "苯", "≥", "'"}) EXPECT_EQ(csv(text), text);
}

TEST(Cell, IsQuotedInCsvWhereItHasTo) {
  EXPECT_EQ(csv("a,b"), R"("a,b")");
  EXPECT_EQ(csv("a;b"), R"("a;b")");
  EXPECT_EQ(csv(R"(say "x")"), R"("say ""x""")");
  EXPECT_EQ(csv("a\r\nb"), "\"a\nb\"");
}

TEST(Cell, HasNoControlCharactersNorChangesOfDirection) {
  EXPECT_EQ(cell_text(std::string("a\0b\x1B[31m\x7F"
                                  "c\u0085d\u009Fe",
                                  16)),
            "ab[31mcde");
  EXPECT_EQ(cell_text("a\u202Eb\u2066c\u2069d\u200Ee\uFEFFf\uFFFEg\uFFFF"), "abcdefg");
  EXPECT_EQ(cell_text("a\tb"), "a b");
  EXPECT_EQ(cell_text("a\r\nb\u2028c"), "a\nb\nc");
  EXPECT_EQ(cell_text("苯 m³ ≥ 𠮷 \u00A0"), "苯 m³ ≥ 𠮷 \u00A0");
}

TEST(Cell, ShowsBytesThatAreNoText) {
  EXPECT_EQ(cell_text("a\xFF\xE8\x8B"
                      "b"),
            "a\uFFFD\uFFFD\uFFFDb");
}

TEST(Cell, TakesSoMuchAndCutsNoCharacter) {
  const std::string fits(longest_cell, 'x');
  EXPECT_EQ(cell_front(fits), fits);
  EXPECT_EQ(cell_front(fits + "y"), fits);
  std::string chinese;
  for (std::size_t i = 0; i < longest_cell; ++i) chinese += "苯";
  EXPECT_EQ(cell_front(chinese + "苯"), chinese);
  // Two units each, of which the last one does not fit any more.
  std::string rare;
  for (std::size_t i = 0; i < longest_cell; ++i) rare += "𠮷";
  EXPECT_EQ(cell_front(rare).size(), longest_cell / 2 * 4);
  EXPECT_EQ(csv(fits + "y"), fits);
}

TEST(Cell, IsEscapedInMarkup) {
  EXPECT_EQ(markup(R"(<a href="x" id='y'>&amp;</a>)"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(markup("a\x01<\x02苯"), "a&lt;苯");
  EXPECT_EQ(markup("plain 苯"), "plain 苯");
}

}  // namespace
}  // namespace cell_test
}  // namespace hazgate::records
