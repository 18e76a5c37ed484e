// A page of a report in the making: HTML that an XML parser reads, too. All text of others goes through text().
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "records/report.hpp"
#include "records/report_words.hpp"

namespace hazgate::records {

/// The one style sheet of a report in that language, as it stands in its <style>: nothing else styles it, so that a
/// content security policy can allow it by its hash.
std::string report_style(std::string_view language);

class Markup {
 public:
  explicit Markup(const Language& say) : say_(say) {}

  Markup& raw(std::string_view markup) {
    out_ += markup;
    return *this;
  }
  Markup& text(std::string_view text);
  Markup& text(const Word& word) { return raw_word(word); }
  /// "≥ 3.45 mg/m³", with the exact figure beside it for machines. `limit`: digits enough to tell the two apart.
  Markup& figure(double value, double limit, std::string_view unit, std::string_view before = {});
  Markup& share(double value);  ///< as percent
  Markup& verdict(core::Verdict verdict);
  /// A pass rate with a bar beside it.
  Markup& rate(const PassRate& rate);

  /// Widths in percent of the page.
  using Head = std::initializer_list<std::pair<Word, int>>;
  Markup& open_table(Head head);
  Markup& close_table() { return raw("</tbody></table></div>\n"); }
  Markup& open_row() { return raw("<tr><td>"); }
  Markup& next() { return raw("</td><td>"); }
  Markup& next_number() { return raw("</td><td class=\"n\">"); }
  Markup& close_row() { return raw("</td></tr>\n"); }
  /// A cell of small text under the main one.
  Markup& small(std::string_view text);
  Markup& paragraph(std::string_view text);
  Markup& open_facts() { return raw("<table class=\"facts\"><tbody>\n"); }
  Markup& fact(const Word& name, std::string_view text);  ///< nothing where there is none
  Markup& close_facts() { return raw("</tbody></table>\n"); }
  /// A number, its words beneath.
  Markup& glance(const Word& name, std::string_view figure);

  const Language& say() const { return say_; }
  /// The whole document.
  std::string document(std::string_view title);

 private:
  Markup& raw_word(const Word& word);

  Language say_;
  std::string out_;
};

}  // namespace hazgate::records
