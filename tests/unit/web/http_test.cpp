#include "web/http.hpp"

#include <gmock/gmock.h>

namespace hazgate::web {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Target, IsDecodedOnceAndWhole) {
  const auto target = target_from("/api/v1/points/dust-1.%E7%B2%89/readings?from=a%2Bb&to=&x=1+2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/points/dust-1.粉/readings");
  EXPECT_THAT(target->segments, ElementsAre("api", "v1", "points", "dust-1.粉", "readings"));
  EXPECT_THAT(target->query, ElementsAre(Pair("from", "a+b"), Pair("to", ""), Pair("x", testing::_)));
  EXPECT_EQ(target_from("/%2541")->path, "/%41");
}

TEST(Target, ThatClimbsOrHidesSomethingIsNone) {
  for (const auto* text : {"",
                           "api",
                           "//evil.example/",
                           "http://evil.example/",
                           "/../etc/passwd",
                           "/a/./b",
                           "/a/../b",
                           "/%2e%2e/passwd",
                           "/a%2fb",
                           "/a%5cb",
                           "/a%00b",
                           "/a%0ab",
                           "/%ff",
                           "/%c3%28",
                           "/a?x=%ff",
                           "/a?x=%00",
                           "/%zz",
                           "/a%2",
                           "/a b",
                           "*"})
    EXPECT_FALSE(target_from(text)) << text;
  std::string raw = "/a";
  raw += '\xff';
  EXPECT_FALSE(target_from(raw));
}

TEST(Cookie, OfAnotherNameIsNotOurs) {
  EXPECT_EQ(session_of("a=1; hazgate=abc; b=2", false), "abc");
  EXPECT_EQ(session_of("xhazgate=abc", false), "");
  EXPECT_EQ(session_of("hazgate=abc", true), "");
  EXPECT_EQ(session_of("__Host-hazgate=abc", true), "abc");
  EXPECT_EQ(session_of("", false), "");
  EXPECT_EQ(session_of(";;=;hazgate", false), "");
}

TEST(AcceptEncoding, TakesGzipUnlessItSaysNo) {
  EXPECT_TRUE(takes_gzip("gzip, deflate, br"));
  EXPECT_TRUE(takes_gzip("br;q=1.0, GZIP;q=0.8"));
  EXPECT_TRUE(takes_gzip("*"));
  EXPECT_FALSE(takes_gzip("gzip;q=0"));
  EXPECT_FALSE(takes_gzip("gzip;q=0.000, br"));
  EXPECT_FALSE(takes_gzip("br"));
  EXPECT_FALSE(takes_gzip(""));
  EXPECT_FALSE(takes_gzip("gzip;q=0, *"));
  EXPECT_FALSE(takes_gzip("*, gzip;q=0"));
  EXPECT_TRUE(takes_gzip("*;q=0, gzip"));
  EXPECT_FALSE(takes_gzip("identity, *;q=0"));
}

TEST(ETag, OfThePackedFormIsAnotherAndLeadsBack) {
  EXPECT_EQ(packed_tag("\"abc\""), "\"abc-gz\"");
  EXPECT_EQ(plain_tag("\"abc-gz\""), "\"abc\"");
  EXPECT_EQ(plain_tag("\"abc\""), "\"abc\"");
  EXPECT_EQ(plain_tag(""), "");
  EXPECT_EQ(plain_tag("*"), "*");
}

TEST(Head, OfHttp11HasOneHost) {
  EXPECT_EQ(fault_of({.hosts = 1}), HeadFault::none);
  EXPECT_EQ(fault_of({.hosts = 0}), HeadFault::host);
  EXPECT_EQ(fault_of({.hosts = 2}), HeadFault::host);
  EXPECT_EQ(fault_of({.http_1_1 = false, .hosts = 0}), HeadFault::none);
  EXPECT_EQ(fault_of({.http_1_1 = false, .hosts = 2}), HeadFault::host);
}

TEST(Head, WithAnEncodingThatWeDoNotKnowIsNotRead) {
  const auto encoded = [](std::size_t fields, std::string text, bool http_1_1 = true) {
    return fault_of(
        {.http_1_1 = http_1_1, .hosts = 1, .transfer_encodings = fields, .transfer_encoding = std::move(text)});
  };
  EXPECT_EQ(encoded(1, "Chunked"), HeadFault::none);
  EXPECT_EQ(encoded(1, " chunked\t"), HeadFault::none);
  EXPECT_EQ(encoded(1, "gzip"), HeadFault::transfer_encoding);
  EXPECT_EQ(encoded(1, "gzip, chunked"), HeadFault::transfer_encoding);
  EXPECT_EQ(encoded(1, "xchunked"), HeadFault::transfer_encoding);
  EXPECT_EQ(encoded(1, ""), HeadFault::transfer_encoding);
  EXPECT_EQ(encoded(2, "chunked"), HeadFault::transfer_encoding);
  EXPECT_EQ(encoded(1, "chunked", false), HeadFault::transfer_encoding);
}

TEST(Head, MayExpectOnlyThatWeGoOn) {
  EXPECT_EQ(fault_of({.hosts = 1, .expect = "100-Continue"}), HeadFault::none);
  EXPECT_EQ(fault_of({.hosts = 1, .expect = "200-maybe"}), HeadFault::expectation);
  EXPECT_EQ(fault_of({.http_1_1 = false, .hosts = 1, .expect = "200-maybe"}), HeadFault::none);
}

TEST(Origin, IsOursOrNone) {
  EXPECT_TRUE(same_origin("", "gw:8080", false));
  EXPECT_TRUE(same_origin("http://GW:8080", "gw:8080", false));
  EXPECT_FALSE(same_origin("https://gw:8080", "gw:8080", false));
  EXPECT_TRUE(same_origin("https://gw:8080", "gw:8080", true));
  EXPECT_FALSE(same_origin("http://gw:8080.evil.example", "gw:8080", false));
  EXPECT_FALSE(same_origin("null", "gw:8080", false));
}

TEST(ContentType, IsJsonWithItsParameters) {
  EXPECT_TRUE(is_json("application/json"));
  EXPECT_TRUE(is_json("Application/JSON; charset=utf-8"));
  EXPECT_FALSE(is_json("text/plain"));
  EXPECT_FALSE(is_json("application/jsonp"));
  EXPECT_FALSE(is_json(""));
}

}  // namespace
}  // namespace hazgate::web
