#include "ledger/canonical_json.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ledger/exact_json.hpp"
#include "support/process.hpp"

namespace hazgate::ledger {
namespace {

namespace json = boost::json;

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = parse_exact(text, error);
  EXPECT_FALSE(error) << error.message() << " in " << text;
  return value;
}

// RFC 8785, Appendix B.
TEST(CanonicalJson, NumbersAreThoseOfTheRfc) {
  const std::vector<std::pair<std::uint64_t, std::string>> samples{{0x0000000000000000, "0"},
                                                                   {0x8000000000000000, "0"},
                                                                   {0x0000000000000001, "5e-324"},
                                                                   {0x8000000000000001, "-5e-324"},
                                                                   {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                                                   {0xffefffffffffffff, "-1.7976931348623157e+308"},
                                                                   {0x4340000000000000, "9007199254740992"},
                                                                   {0xc340000000000000, "-9007199254740992"},
                                                                   {0x4430000000000000, "295147905179352830000"},
                                                                   {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                                                   {0x44b52d02c7e14af6, "1e+23"},
                                                                   {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                                                   {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                                                   {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                                                   {0x444b1ae4d6e2ef50, "1e+21"},
                                                                   {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                                                   {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                                                   {0x41b3de4355555553, "333333333.3333332"},
                                                                   {0x41b3de4355555554, "333333333.33333325"},
                                                                   {0x41b3de4355555555, "333333333.3333333"},
                                                                   {0x41b3de4355555556, "333333333.3333334"},
                                                                   {0x41b3de4355555557, "333333333.33333343"},
                                                                   {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                                                   {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : samples) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    std::string out;
    append_es_number(out, value);
    EXPECT_EQ(out, text) << std::hex << bits;
  }
}

// RFC 8785, 3.2.2 to 3.2.4.
TEST(CanonicalJson, TheExampleOfTheRfc) {
  const auto document = parsed(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]})");
  EXPECT_EQ(canonical(document),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, 3.2.3: U+1F600 is a pair of surrogates, D83D DE00, and sorts before U+FB33.
TEST(CanonicalJson, NamesSortByTheirUtf16) {
  const auto document =
      parsed(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
      "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  const auto text = canonical(document);
  std::vector<std::size_t> places;
  for (const char* value : {"Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"})
    places.push_back(text.find(value));
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << text;
}

TEST(ExactJson, ReadsEveryDoubleAsItWasPrinted) {
  std::uint64_t state = 1;
  for (int i = 0; i < 50'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    double value = 0;
    std::memcpy(&value, &state, sizeof value);
    if (!std::isfinite(value)) continue;
    std::string text;
    append_es_number(text, value);
    const auto back = parsed("[" + text + "]").get_array()[0].to_number<double>();
    ASSERT_EQ(back, value) << text;
  }
}

TEST(ExactJson, RefusesWhatIsNoDocument) {
  for (const std::string_view text : {"", "{", "[1,]", "{} {}", "nul", "1e999", "\"\xff\"", "[[[[[[1]]]]]]"}) {
    boost::system::error_code error;
    EXPECT_TRUE(parse_exact(text, error, 4).is_null());
    EXPECT_TRUE(error) << text;
  }
  boost::system::error_code error;
  EXPECT_EQ(parse_exact("1e-999", error).get_double(), 0);
}

// Node prints numbers by ECMA-262 itself: an oracle that we did not write.
TEST(CanonicalJson, PrintsDoublesAsEcmaScriptDoes) {
  std::string mine, bits = "[";
  std::uint64_t state = 88172645463325252U;
  for (int i = 0; i < 20'000; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    // Half of them are figures as instruments give them, half any double.
    double value = static_cast<double>(static_cast<std::int64_t>(state % 2'000'000)) / std::pow(10.0, state % 9);
    if (i % 2 == 1) std::memcpy(&value, &state, sizeof value);
    if (!std::isfinite(value)) continue;
    append_es_number(mine, value);
    mine += '\n';
    std::uint64_t raw = 0;
    std::memcpy(&raw, &value, sizeof raw);
    (bits += bits.size() > 1 ? ",\"" : "\"") += std::to_string(raw) + "\"";
  }
  bits += "]";
  test::TemporaryFolder folder;
  const auto input = folder.write("bits.json", bits);
  const std::string script =
      "const b=new BigUint64Array(1),d=new Float64Array(b.buffer);let o='';"
      "for(const s of "
      "JSON.parse(require('fs').readFileSync(process.argv[1],'utf8'))){b[0]=BigInt(s);o+=d[0]===0?'0\\n':d[0]+'\\n';}"
      "process.stdout.write(o);";
  const auto node = test::answer_of({"node", "-e", script, input.string()});
  ASSERT_EQ(node.code, 0) << node.text;
  EXPECT_TRUE(node.text == mine);
}

TEST(CanonicalJson, WithoutAMemberTellsWhereItWouldStand) {
  const auto document = parsed(R"({"hash":"x","a":1,"prev_hash":"y"})");
  std::string out;
  const auto place = append_canonical_without(out, document.get_object(), "hash");
  EXPECT_EQ(out, R"({"a":1,"prev_hash":"y"})");
  EXPECT_EQ(place, out.find(R"(,"prev)"));
}

}  // namespace
}  // namespace hazgate::ledger
