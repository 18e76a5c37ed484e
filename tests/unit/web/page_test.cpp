#include "web/page.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace hazgate::web {
namespace {
namespace fs = std::filesystem;

class PageTest : public testing::Test {
 protected:
  PageTest() { fs::create_directories(folder / "lib"); }
  ~PageTest() override { fs::remove_all(folder); }
  void write(const char* name, const std::string& text) { std::ofstream(folder / name) << text; }
  const fs::path folder = fs::path(testing::TempDir()) /
                          (std::string("page_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(PageTest, ServesItsFilesByTheirPathsAndNothingElse) {
  write("index.html", "<p>" + std::string(1000, 'x'));
  write("lib/a.js", "1");
  const Page page(folder);
  ASSERT_NE(page.find("/"), nullptr);
  EXPECT_EQ(page.find("/"), page.find("/index.html"));
  EXPECT_EQ(page.find("/lib/a.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(page.find("/lib/a.js")->gzipped, nullptr);  // it would be larger
  EXPECT_LT(page.find("/")->gzipped->size(), 100U);
  for (const auto* path : {"", "/lib", "/lib/", "/../page.hpp", "/lib/b.js", "index.html"})
    EXPECT_EQ(page.find(path), nullptr) << path;
}

TEST_F(PageTest, AnotherTextHasAnotherTag) {
  write("index.html", "one");
  const auto before = Page(folder).find("/")->etag;
  EXPECT_EQ(Page(folder).find("/")->etag, before);
  write("index.html", "two");
  EXPECT_NE(Page(folder).find("/")->etag, before);
}

TEST_F(PageTest, IsRefusedWithoutItsFirstFileOrWithAFileOfNoKind) {
  write("lib/a.js", "1");
  EXPECT_THAT([&] { Page(this->folder); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("index.html")));
  write("index.html", "x");
  write("secrets.toml", "x");
  EXPECT_THAT([&] { Page(this->folder); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("secrets.toml")));
}

}  // namespace
}  // namespace hazgate::web
