#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace hazgate::core {
namespace {

TEST(Utf8, TellsWhatStaysOnItsLineAndReadsInItsDirection) {
  for (const char* name : {"", "喷漆车间 A", "Müller & Söhne", "مصنع", "a\u200Fb", "\u2027\u202F\u2065\u206A"})
    EXPECT_TRUE(is_one_line(name)) << name;
  for (const char* name :
       {"a\nb", "a\tb", "\x7F", "a\u0085", "a\u2028b", "\u2029", "abc\u202Egpj.exe", "\u202A", "\u2066x\u2069"})
    EXPECT_FALSE(is_one_line(name)) << name;
}

TEST(Utf8, TellsWhatNobodySees) {
  for (const char* note : {"", " \t\r\n", "\u200B", "\u3000\u00A0", "\u202E", "\uFEFF\x01"})
    EXPECT_FALSE(is_seen(note)) << note;
  EXPECT_FALSE(is_seen(std::string_view("\0", 1)));
  for (const char* note : {"x", " 已停机 ", "。", "\u200Bx"}) EXPECT_TRUE(is_seen(note)) << note;
}

}  // namespace
}  // namespace hazgate::core
