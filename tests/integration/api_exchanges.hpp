// Questions to a running gateway and its answers, kept for the judgement of api_check.py; and what its description says
// that a parameter takes.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/http_client.hpp"

namespace hazgate::test {

class Exchanges {
 public:
  HttpAnswer ask(HttpClient& client, const std::string& method, const std::string& target,
                 const std::optional<boost::json::value>& form = {}, HttpClient::Headers headers = {}) {
    if (form && !headers.contains("Content-Type")) headers["Content-Type"] = "application/json";
    auto answer = client.send(method, target, form ? boost::json::serialize(*form) : "", headers);
    keep(method, target, form, answer);
    return answer;
  }
  /// A file: the body is its bytes.
  HttpAnswer bring(HttpClient& client, const std::string& target, const std::string& bytes) {
    auto answer = client.send("POST", target, bytes, {{"Content-Type", "application/octet-stream"}});
    keep("POST", target, {}, answer);
    return answer;
  }
  /// The next frame of the live connection; empty at its end.
  std::string frame(LiveConnection& live) {
    auto text = live.next();
    if (!text.empty()) keep("FRAME", "/api/v1/live", {}, {.status = 101, .type = {}, .headers = {}, .body = text});
    return text;
  }

  /// As api_check.py reads them.
  const std::string& lines() const { return lines_; }

 private:
  /// Of a file that is no text only the header is judged: the lines are UTF-8.
  static bool is_text(const std::string& type) {
    return type != "application/pdf" && type != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  }
  void keep(const std::string& method, const std::string& target, const std::optional<boost::json::value>& form,
            const HttpAnswer& answer) {
    boost::json::object headers;
    for (const auto& [name, value] : answer.headers) headers[name] = value;
    lines_ += boost::json::serialize(boost::json::object{{"method", method},
                                                         {"target", target},
                                                         {"form", form.value_or(nullptr)},
                                                         {"status", answer.status},
                                                         {"type", answer.type},
                                                         {"headers", std::move(headers)},
                                                         {"body", is_text(answer.type) ? answer.body : ""}}) +
              "\n";
  }

  std::string lines_;
};

/// What a parameter of a question takes is what the description says it takes.
class DescribedBounds {
 public:
  using Words = std::map<std::string, std::string>;
  /// `words`: what stands for a {name} of an address, and for each parameter that must be there. `status`: of the
  /// answer to GET of a target.
  DescribedBounds(const boost::json::object& description, Words words,
                  std::function<unsigned(const std::string&)> status)
      : description_(description), words_(std::move(words)), status_(std::move(status)) {}

  void try_all() const {
    for (const auto& [pattern, item] : description_.at("paths").as_object()) {
      const auto* operation = item.as_object().if_contains("get");
      if (operation == nullptr) continue;
      const auto parameters = query_of(operation->as_object());
      if (parameters.empty()) continue;
      const auto address = address_of(pattern);
      for (const auto* parameter : parameters) try_one(address, *parameter, parameters);
      const auto unheard_of = address + "?" + needed(parameters, "") + "unheard_of=1";
      EXPECT_EQ(status_(unheard_of), 422U) << unheard_of;
    }
  }

 private:
  using Parameters = std::vector<const boost::json::object*>;

  /// The object itself, where only a reference to a component stands.
  const boost::json::object& resolved(const boost::json::value& node) const {
    const auto* reference = node.as_object().if_contains("$ref");
    if (reference == nullptr) return node.as_object();
    const auto pointer = std::string(reference->as_string()).substr(std::string_view("#/components/").size());
    const auto slash = pointer.find('/');
    return description_.at("components").at(pointer.substr(0, slash)).at(pointer.substr(slash + 1)).as_object();
  }
  Parameters query_of(const boost::json::object& operation) const {
    Parameters found;
    if (const auto* all = operation.if_contains("parameters"))
      for (const auto& node : all->as_array())
        if (const auto& parameter = resolved(node); parameter.at("in") == "query") found.push_back(&parameter);
    return found;
  }
  std::string word(const std::string& name) const {
    const auto found = words_.find(name);
    if (found != words_.end()) return found->second;
    ADD_FAILURE() << "the test knows no " << name;
    return {};
  }
  std::string address_of(std::string address) const {
    for (auto at = address.find('{'); at != std::string::npos; at = address.find('{')) {
      const auto end = address.find('}', at);
      address.replace(at, end + 1 - at, word(address.substr(at + 1, end - at - 1)));
    }
    return address;
  }
  /// What must be there besides `name`.
  std::string needed(const Parameters& parameters, const std::string& name) const {
    std::string query;
    for (const auto* parameter : parameters) {
      const auto other = std::string(parameter->at("name").as_string());
      const auto* required = parameter->if_contains("required");
      if (other != name && required != nullptr && required->as_bool()) query += other + "=" + word(other) + "&";
    }
    return query;
  }

  void try_one(const std::string& address, const boost::json::object& parameter, const Parameters& all) const {
    const auto name = std::string(parameter.at("name").as_string());
    const auto before = address + "?" + needed(all, name) + name + "=";
    const auto takes = [&](const std::string& value) { EXPECT_NE(status_(before + value), 422U) << before << value; };
    const auto refuses = [&](const std::string& value) { EXPECT_EQ(status_(before + value), 422U) << before << value; };
    const auto& schema = resolved(parameter.at("schema"));
    const auto is = [&](const char* key, const char* value) { return schema.contains(key) && schema.at(key) == value; };
    if (const auto* words = schema.if_contains("enum")) {
      refuses("none-of-them");
      for (const auto& known : words->as_array())
        if (known != "pdf") takes(std::string(known.as_string()));  // WeasyPrint takes 10 s and more for it
    }
    if (is("type", "boolean")) {
      refuses("perhaps");
      for (const auto* known : {"true", "false"}) takes(known);
    }
    if (is("format", "date")) {
      refuses("2026-13-01");
      takes("2026-01-02");
    }
    if (!schema.contains("maximum")) return;
    const auto least = schema.at("minimum").to_number<std::uint64_t>(),
               most = schema.at("maximum").to_number<std::uint64_t>();
    refuses(std::to_string(most + 1));
    takes(std::to_string(most));
    takes(std::to_string(least));
    refuses(least == 0 ? "-1" : std::to_string(least - 1));
  }

  const boost::json::object& description_;
  Words words_;
  std::function<unsigned(const std::string&)> status_;
};

}  // namespace hazgate::test
