// Documents against a published schema, judged by an independent validator (python3-jsonschema).
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

namespace hazgate::test {

/// Prints one line a document: "ok", or what is wrong.
inline constexpr auto validator = R"py(
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
for line in open(sys.argv[2], encoding="utf-8", errors="strict"):
    def refuse(word): raise ValueError(word)
    document = json.loads(line, parse_constant=refuse)
    errors = [e.message for e in Draft202012Validator(schema).iter_errors(document)]
    print("ok" if not errors else "; ".join(errors)[:300])
)py";

/// One line a document: "ok", or what is wrong.
inline std::string validated(const std::string& kind, const std::vector<std::string>& messages) {
  TemporaryFolder folder;
  std::string lines;
  for (const auto& message : messages) lines += message + "\n";
  auto file = folder.write("messages.jsonl", lines);
  std::string schema = SOURCE_DIR "/gateway/feed/schema/" + kind + ".schema.json";
  Process python({"/usr/bin/python3", "-c", validator, schema, file.string()});
  if (python.wait(std::chrono::seconds(30)) != 0) return "failed: " + python.output();
  return python.output();
}

/// `text` with the first `from` made `to`.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace hazgate::test
