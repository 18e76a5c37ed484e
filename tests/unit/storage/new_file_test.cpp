#include "storage/new_file.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

struct NewFiles : testing::Test {
  hazgate::test::TemporaryFolder folder;
  const fs::path name = folder.path() / "x.sqlite", part = folder.path() / "x.sqlite.part";

  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
  }
  std::string refusal() const {
    try {
      const NewFile file(name);
      return "none";
    } catch (const StoreError& error) {
      return error.what();
    }
  }
};

TEST_F(NewFiles, HaveTheirNameWhenTheyAreWholeAndElseLeaveNothing) {
  {
    NewFile file(name);
    write(file.part(), "half");
    EXPECT_FALSE(fs::exists(name));
  }
  EXPECT_EQ(files(), 0U);
  {
    NewFile file(name);
    write(file.part(), "whole");
    file.finish();
  }
  EXPECT_EQ(content(name), "whole");
  EXPECT_EQ(fs::status(name).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFiles, NeverTakeThePlaceOfAnotherOne) {
  {
    NewFile file(name);
    write(file.part(), "mine");
    write(name, "came up meanwhile");
    EXPECT_THROW(file.finish(), StoreError);
  }
  EXPECT_EQ(content(name), "came up meanwhile");
  EXPECT_EQ(files(), 1U);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("there is such a file already; give another name"), HasSubstr(name.string())));
}

TEST_F(NewFiles, TakeOverWhatAKilledOneLeft) {
  if (const auto child = ::fork(); child == 0) {
    NewFile file(name);
    write(file.part(), "of the killed one");
    write(part.string() + "-journal", "of the killed one");
    ::raise(SIGKILL);
  } else {
    ::waitpid(child, nullptr, 0);
  }
  EXPECT_TRUE(fs::exists(part));
  {
    NewFile file(name);
    EXPECT_EQ(content(part), "");
    EXPECT_FALSE(fs::exists(part.string() + "-journal"));
    file.finish();
  }
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFiles, AreOneWritersAtATime) {
  NewFile file(name);
  write(file.part(), "mine");
  EXPECT_THAT(refusal(), HasSubstr("another backup or export into it is running; wait for its end"));
  EXPECT_EQ(content(part), "mine");
  file.finish();
  EXPECT_EQ(content(name), "mine");
}

TEST_F(NewFiles, InNoFolderAreRefusedWithTheRemedy) {
  try {
    const NewFile file(folder.path() / "none" / "x");
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("No such file or directory; make that folder first"));
  }
}

/// A USB stick knows no links, and a network drive perhaps no rename that does not replace.
TEST_F(NewFiles, GetTheirNameOnEveryDisk) {
  for (const WaysToName ways : {WaysToName{}, WaysToName{.link = false}, WaysToName{.link = false, .rename = false}}) {
    write(part, "new");
    EXPECT_EQ(give_name(part, name, ways), 0);
    EXPECT_EQ(content(name), "new");
    EXPECT_FALSE(fs::exists(part));
    write(part, "newer");
    EXPECT_EQ(give_name(part, name, ways), EEXIST);
    EXPECT_EQ(content(name), "new");
    fs::remove(name);
  }
}

}  // namespace
}  // namespace hazgate::storage
