#include "app/password.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace hazgate::app {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

std::string why_not(std::string_view password, std::string_view user = "anna") {
  const auto trouble = password_trouble(password, user);
  EXPECT_FALSE(trouble && trouble->zh.empty());
  return trouble ? trouble->en : "";
}

TEST(Password, IsKeptAsArgon2idOfOwaspsSettingWithASaltOfItsOwn) {
  const auto hash = hash_password("correct horse");
  EXPECT_THAT(hash, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_NE(hash, hash_password("correct horse"));
  EXPECT_EQ(hash.find('\0'), std::string::npos);
}

TEST(Password, IsProvedByItselfAlone) {
  const auto hash = hash_password("correct horse");
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("correct horse ", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_FALSE(verify_password("correct horse", "no hash"));
}

TEST(Password, OfNobodyIsNeverRightAndTakesAsLongAsAnyOther) {
  using clock = std::chrono::steady_clock;
  const auto hash = hash_password("correct horse");
  // The fastest of some, taken in turns: what else the machine does only adds, and adds to both.
  const auto time_of = [](const std::string& against) {
    const auto begin = clock::now();
    EXPECT_FALSE(verify_password("wrong horse", against));
    return std::chrono::duration<double>(clock::now() - begin).count();
  };
  double somebody = 1e9, nobody = 1e9;
  for (int i = 0; i < 12; ++i) {
    somebody = std::min(somebody, time_of(hash));
    nobody = std::min(nobody, time_of({}));
  }
  EXPECT_GT(nobody, 0.7 * somebody);
  EXPECT_LT(nobody, 1.4 * somebody);
}

TEST(Password, HasTenTo256Bytes) {
  EXPECT_THAT(why_not("ninebytes"), HasSubstr("at least 10"));
  EXPECT_EQ(why_not("ten bytes!"), "");
  EXPECT_EQ(why_not("四个汉字"), "") << "bytes, not characters";
  std::string longest(256, 'a');
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<char>('a' + i % 26);
  EXPECT_EQ(why_not(longest), "");
  EXPECT_THAT(why_not(longest + "a"), HasSubstr("longer than 256"));
  EXPECT_FALSE(verify_password(longest + "a", hash_password(longest + "a")));
}

TEST(Password, IsTextThatAFormCanSend) {
  EXPECT_THAT(why_not("ten bytes!\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(why_not("ten bytes!\xe5\xae"), HasSubstr("UTF-8"));
}

TEST(Password, IsNotWhatIsTriedFirst) {
  EXPECT_THAT(why_not("anna.schmidt", "anna.schmidt"), HasSubstr("name of the user"));
  EXPECT_THAT(why_not("Anna.Schmidt", "anna.schmidt"), HasSubstr("name of the user"));
  for (const char* common : {"1234567890", "Password123", "QWERTYUIOP", "5201314520", "woaini1314520", "administrator",
                             "aaaaaaaaaaaa", "1212121212"})
    EXPECT_THAT(why_not(common), HasSubstr("tried first")) << common;
  EXPECT_EQ(why_not("anna.schmidt", "anna"), "");
}

}  // namespace
}  // namespace hazgate::app
