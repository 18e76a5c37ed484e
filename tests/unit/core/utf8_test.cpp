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

}  // namespace
}  // namespace hazgate::core
