#include "app/evaluate_fields.hpp"

#include <utility>

namespace hazgate::app::evaluate_fields {

std::vector<std::string> words_of(List place) {
  std::vector<std::string> words;
  for (const auto& field : fields) {
    if (field.place == place) words.emplace_back(field.word);
  }
  return words;
}

std::string expected(unsigned kinds) {
  std::string out;
  for (const auto& [kind, word] : {std::pair{text, "a string"},
                                   {number, "a number"},
                                   {yes_no, "true or false"},
                                   {list, "a list"},
                                   {nothing, "null where there is none"}}) {
    if ((kinds & kind) != 0) out += (out.empty() ? "" : ", or ") + std::string(word);
  }
  return out;
}

}  // namespace hazgate::app::evaluate_fields
