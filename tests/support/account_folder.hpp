// A folder with a gateway.toml of two enterprises, for who manages its users.
#pragma once

#include <filesystem>
#include <string>

#include "support/process.hpp"

namespace hazgate::test {

struct AccountFolder {
  TemporaryFolder folder;
  std::filesystem::path data = folder.path() / "data";
  std::filesystem::path accounts = data / "accounts.sqlite";
  std::filesystem::path config = folder.write("gateway.toml", R"([gateway]
id = "gw"
site = "park"
data_dir = ")" + data.string() + R"("
[[enterprise]]
id = "acme-coatings"
name = "Acme"
[[enterprise]]
id = "huaxin-stone"
name = "Huaxin"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[[device]]
id = "slm"
bus = "b"
unit = 1
profile = "generic-rs-zs-n01"
period = "1s"
)");
  AccountFolder() {
    for (const char* name : {"limits", "voc116.csv", "profiles"})
      std::filesystem::create_symlink(std::filesystem::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  }
};

}  // namespace hazgate::test
