// What the dense numbers of the running site are called, both ways: in the file everything goes by its text id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hazgate::storage {

class Names {
 public:
  template <class Items>
  explicit Names(const Items& items) {
    for (const auto& item : items) {
      indices_.emplace(item.id, static_cast<std::uint32_t>(ids_.size()));
      ids_.push_back(item.id);
    }
  }
  const std::string& id(std::uint32_t index) const { return ids_.at(index); }
  std::optional<std::uint32_t> index(const std::string& id) const {
    const auto found = indices_.find(id);
    return found == indices_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<std::string> ids_;
  std::unordered_map<std::string, std::uint32_t> indices_;
};

}  // namespace hazgate::storage
