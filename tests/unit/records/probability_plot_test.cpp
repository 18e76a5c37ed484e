#include "records/probability_plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hazgate::records {
namespace probability_plot_test {

using testing::HasSubstr;
using testing::Not;

const PlotWords words{.title = "Welders, 2026",
                      .probability_axis = "share of shifts not above, %",
                      .value_axis = "welding fume, mg/m3",
                      .limit = "limit",
                      .p95 = "P95",
                      .detected = "result",
                      .below_loq = "below LOQ",
                      .line = "log-normal"};

std::string svg_of(const std::vector<Observation>& results, const Basis& basis) {
  return probability_plot_svg(group_statistics(results, basis).value().plot, words);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

const std::vector<Observation> welders{{0.84}, {0.98}, {0.42}, {1.16}, {1.36}, {2.66}};

TEST(ProbabilityPlot, ShowsEveryResultTheLineTheLimitAndP95) {
  const std::string svg = svg_of(welders, {.limit = 4});
  EXPECT_EQ(count(svg, "<circle class=\"point\""), 6u);
  EXPECT_EQ(count(svg, "class=\"below\""), 0u);
  EXPECT_EQ(count(svg, "<line class=\"line\"") + count(svg, "class=\"line\" stroke"), 1u);
  EXPECT_EQ(count(svg, "class=\"limit\" stroke"), 1u);
  EXPECT_THAT(svg, HasSubstr(">limit 4</text>"));
  EXPECT_THAT(svg, HasSubstr(">P95 2.88</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>Welders, 2026</title>"));
  EXPECT_THAT(svg, HasSubstr(">share of shifts not above, %</text>"));
  EXPECT_THAT(svg, HasSubstr(">welding fume, mg/m3</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("below LOQ")));
}

TEST(ProbabilityPlot, HasTicksOfOneTwoFiveAndOfPercent) {
  const std::string svg = svg_of(welders, {.limit = 4});
  for (const char* tick : {">0.5<", ">1<", ">2<", ">5<", ">10<", ">25<", ">50<", ">75<", ">90<", ">95<", ">99<"}) {
    EXPECT_THAT(svg, HasSubstr(tick));
  }
  EXPECT_THAT(svg, Not(HasSubstr(">99.9<")));
}

// The paper is 552 px wide for z -2.5 to 2.5; ln x from ln 0.42 - 0.6 to ln 4 + 0.6 is 302 px high.
TEST(ProbabilityPlot, PutsAResultWhereItsProbabilityAndValueAre) {
  const ProbabilityPlot plot{.points = {{0, 1, false}}, .limit = 1};
  const std::string svg = probability_plot_svg(plot, words);
  EXPECT_THAT(svg, HasSubstr(R"(cx="348.0" cy="209.0")"));
  const ProbabilityPlot low{.logarithmic = false, .points = {{-1.25, 80, false}, {1.25, 90, false}}};
  // 80 to 90 with 1 of air on each side: 12 units on 302 px.
  EXPECT_THAT(probability_plot_svg(low, words), HasSubstr(R"(cx="210.0" cy="334.8")"));
  EXPECT_THAT(probability_plot_svg(low, words), HasSubstr(R"(cx="486.0" cy="83.2")"));
}

// The line ends where the paper does: below at 79, above at 91, or left and right.
TEST(ProbabilityPlot, DrawsTheLineAsFarAsThePaperGoes) {
  ProbabilityPlot plot{.logarithmic = false, .points = {{-1.25, 80, false}, {1.25, 90, false}}};
  plot.line = ProbabilityPlot::Line{.location = 85, .slope = 6};
  EXPECT_THAT(probability_plot_svg(plot, words),
              HasSubstr(R"(x1="237.6" y1="360.0" x2="458.4" y2="58.0" class="line")"));
  plot.line = ProbabilityPlot::Line{.location = 85, .slope = 1.2};
  EXPECT_THAT(probability_plot_svg(plot, words),
              HasSubstr(R"(x1="72.0" y1="284.5" x2="624.0" y2="133.5" class="line")"));
  plot.line = ProbabilityPlot::Line{.location = 200, .slope = 1};
  EXPECT_THAT(probability_plot_svg(plot, words), Not(HasSubstr("class=\"line\" stroke")));
}

TEST(ProbabilityPlot, MarksResultsBelowLoqByShape) {
  const std::string svg =
      svg_of({{0.5, true}, {0.5, true}, {0.8, false}, {1.2, false}, {2.1, false}, {3.9, false}}, {.limit = 4});
  EXPECT_EQ(count(svg, "<circle class=\"point\""), 4u);
  EXPECT_EQ(count(svg, "<path class=\"below\""), 2u);
  EXPECT_THAT(svg, HasSubstr("below LOQ"));
}

TEST(ProbabilityPlot, IsLinearForLevels) {
  const std::string svg = svg_of({{84}, {86}, {83}, {88}, {85}, {84.5}}, {.limit = 85, .is_level = true});
  for (const char* tick : {">83<", ">84<", ">85<", ">86<", ">87<", ">88<"}) EXPECT_THAT(svg, HasSubstr(tick));
}

TEST(ProbabilityPlot, KeepsTheLabelsOfManyDecadesApart) {
  const std::string svg = svg_of({{1e-8}, {1e-4}, {1}, {1e4}, {1e8}}, {.limit = 1e8});
  EXPECT_LT(count(svg, "text-anchor=\"end\""), 10u);
  EXPECT_THAT(svg, HasSubstr(">1e-07<"));
}

TEST(ProbabilityPlot, EscapesWhatIsWrittenInIt) {
  PlotWords hostile = words;
  hostile.title = "</title><script>alert(\"1\")</script> & 'co'\x01";
  hostile.value_axis = "a < b";
  const std::string svg = probability_plot_svg(group_statistics(welders, {.limit = 4})->plot, hostile);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;<"));
  EXPECT_THAT(svg, HasSubstr(">a &lt; b</text>"));
}

TEST(ProbabilityPlot, StandsByItself) {
  const std::string svg = svg_of(welders, {.limit = 4});
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"420\""));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_EQ(count(svg, "{"), count(svg, "}"));
}

TEST(ProbabilityPlot, OfNothingOrOfOneValueIsAnEmptyPaper) {
  const std::string nothing = svg_of({}, {});
  EXPECT_EQ(count(nothing, "<circle"), 0u);
  EXPECT_THAT(nothing, Not(HasSubstr("nan")));
  EXPECT_THAT(nothing, Not(HasSubstr("inf")));
  const std::string equal = svg_of({{2}, {2}, {2}}, {.limit = 2});
  EXPECT_EQ(count(equal, "<circle"), 3u);
  EXPECT_EQ(count(equal, "class=\"line\" stroke"), 1u);
  EXPECT_THAT(equal, Not(HasSubstr("nan")));
}

}  // namespace probability_plot_test
}  // namespace hazgate::records
