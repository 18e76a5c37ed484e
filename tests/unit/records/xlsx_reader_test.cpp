// The workbooks here are packed by libzip from a few lines of XML. Those of tests/data/tables are real ones, saved by
// openpyxl 3.0.9 (/usr/bin/python3): laboratory.xlsx has a hidden sheet 内部, then 说明, then 数据 with texts, numbers,
// booleans and times (number_format yyyy"年"m"月"d"日", yyyy/m/d, h:mm, yyyy-mm-dd hh:mm, m/d/yy h:mm:ss);
// mac_1904.xlsx the same with epoch = CALENDAR_MAC_1904; formulas.xlsx a "=A2*2", of which openpyxl saves no result.
#include "records/xlsx_reader.hpp"

#include <gmock/gmock.h>
#include <zip.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>

namespace hazgate::records::xlsx_reader_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::string_literals;
using Parts = std::map<std::string, std::string>;

auto row(std::uint32_t line, const std::vector<std::string>& cells) {
  return AllOf(Field("line", &TableRow::line, line), Field("cells", &TableRow::cells, cells));
}

auto problem_at(std::uint32_t line, const std::string& column, const std::string& words) {
  const auto text = AllOf(Field("zh", &Text::zh, Not(IsEmpty())), Field("en", &Text::en, HasSubstr(words)));
  return AllOf(Field("line", &TableProblem::line, line), Field("column", &TableProblem::column, column),
               Field("text", &TableProblem::text, text));
}

struct Packing {
  int method = ZIP_CM_DEFLATE;
  int encryption = ZIP_EM_NONE;
};

std::string zipped(const Parts& parts, Packing packing = {}) {
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : parts) {
    zip_source_t* source = zip_source_buffer(archive, text.data(), text.size(), 0);
    const auto index = static_cast<zip_uint64_t>(zip_file_add(archive, name.c_str(), source, 0));
    zip_set_file_compression(archive, index, packing.method, 0);
    if (packing.encryption != ZIP_EM_NONE)
      zip_file_set_encryption(archive, index, static_cast<zip_uint16_t>(packing.encryption), "password");
  }
  EXPECT_EQ(zip_close(archive), 0);
  std::string bytes;
  std::array<char, 4096> some{};
  zip_source_open(target);
  for (zip_int64_t size = 1; size > 0;) {
    size = zip_source_read(target, some.data(), some.size());
    if (size > 0) bytes.append(some.data(), static_cast<std::size_t>(size));
  }
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

const std::string type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

std::string relationship(const std::string& id, const std::string& kind, const std::string& target) {
  return "<Relationship Id=\"" + id + "\" Type=\"" + type + kind + "\" Target=\"" + target + "\"/>";
}

/// One sheet, whose rows are given.
Parts workbook(const std::string& rows) {
  return {
      {"_rels/.rels",
       "<Relationships>" + relationship("rId1", "officeDocument", "/xl/workbook.xml") + "</Relationships>"},
      {"xl/workbook.xml", "<workbook xmlns:r=\"" + type +
                              "\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/>"
                              "</sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships>" + relationship("rId1", "worksheet", "worksheets/sheet1.xml") + "</Relationships>"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
  };
}

void relate(Parts& parts, const std::string& more) {
  auto& relationships = parts.at("xl/_rels/workbook.xml.rels");
  relationships.insert(relationships.rfind("</"), more);
}

Parts with_strings(Parts parts, const std::string& items) {
  relate(parts, relationship("rId2", "sharedStrings", "sharedStrings.xml"));
  parts["xl/sharedStrings.xml"] = "<sst>" + items + "</sst>";
  return parts;
}

Parts with_styles(Parts parts, const std::string& styles) {
  relate(parts, relationship("rId3", "styles", "styles.xml"));
  parts["xl/styles.xml"] = "<styleSheet>" + styles + "</styleSheet>";
  return parts;
}

std::string inline_cell(const std::string& text) { return "<c t=\"inlineStr\"><is><t>" + text + "</t></is></c>"; }

/// A header of that many columns, "a", "b", …, as row 1.
std::string header(int columns) {
  std::string cells;
  for (int i = 0; i < columns; ++i) cells += inline_cell(std::string(1, static_cast<char>('a' + i)));
  return "<row r=\"1\">" + cells + "</row>";
}

TableRead read(const Parts& parts, const TableLimits& limits = {}) { return read_table(zipped(parts), limits); }

void expect_refused(const TableRead& read, std::uint32_t line, const std::string& words) {
  EXPECT_THAT(read.table.columns, IsEmpty());
  EXPECT_THAT(read.table.rows, IsEmpty());
  ASSERT_THAT(read.problems, SizeIs(1));
  EXPECT_EQ(read.problems[0].line, line);
  EXPECT_THAT(read.problems[0].text.en, HasSubstr(words));
  EXPECT_FALSE(read.problems[0].text.zh.empty());
}

TableRead read_file(const std::string& name) {
  std::ifstream file(SOURCE_DIR "/tests/data/tables/" + name, std::ios::binary);
  return read_table(std::string((std::istreambuf_iterator<char>(file)), {}));
}

TEST(XlsxFile, OfALaboratoryIsReadAsItIsSeen) {
  const auto [table, problems] = read_file("laboratory.xlsx");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(table.columns, ElementsAre("样品编号", "采样日期", "开始时间", "送检时间", "检测结果", "合格", "备注"));
  EXPECT_THAT(table.rows,
              ElementsAre(row(2, {"CY-001", "2026-03-01", "08:30", "2026-03-01 16:05", "0.1", "TRUE", "苯"}),
                          row(3, {"CY-002", "1900-01-01", "00:00", "2026-03-01 00:00", "0.3", "FALSE", ""}),
                          row(4, {"20260301", "1900-02-28", "23:59", "2026-12-31 23:59:30", "0.0000001", "", "=1+1"})));
}

TEST(XlsxFile, OfAMacCountsDaysFrom1904) {
  EXPECT_THAT(read_file("mac_1904.xlsx").table.rows, ElementsAre(row(2, {"2026-03-01"}), row(3, {"1904-01-02"})));
}

TEST(XlsxFile, WithAFormulaThatHasNoResultSaysWhere) {
  const auto [table, problems] = read_file("formulas.xlsx");
  EXPECT_THAT(problems, ElementsAre(problem_at(2, "平均", "no saved result")));
  EXPECT_THAT(table.rows, ElementsAre(row(3, {"0.7", "0.7"})));
}

TEST(XlsxCells, OfEachTypeBecomeText) {
  const auto rows = header(7) +
                    "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>0.10000000000000001</v></c>"
                    "<c r=\"C2\" t=\"b\"><v>0</v></c><c r=\"D2\" t=\"str\"><f>A1</f><v> x </v></c>"
                    "<c r=\"E2\" t=\"d\"><v>2026-03-01T08:30:00.000Z</v></c><c r=\"F2\" t=\"n\"><f>1+1</f><v>2</v></c>"
                    "<c r=\"G2\" t=\"str\"><f>IF(1,\"\")</f><v></v></c></row>";
  const auto [table, problems] = read(with_strings(workbook(rows), "<si/><si><t>苯</t></si>"));
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"苯", "0.1", "FALSE", "x", "2026-03-01 08:30", "2", ""})));
}

TEST(XlsxCells, TextIsJoinedFromItsRunsWithoutHowItIsPronounced) {
  const auto items = "<si><r><t>a</t></r><r><t>_x000D_\n_x005F_x_xZZ_</t></r><rPh><t>no</t></rPh></si>";
  const auto rows = header(2) +
                    "<row><c t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><r><t>c</t></r><r><t>_x0009_d</t></r>"
                    "<rPh><t>no</t></rPh></is></c></row>";
  EXPECT_THAT(read(with_strings(workbook(rows), items)).table.rows, ElementsAre(row(2, {"a\r\n_x_xZZ_", "c\td"})));
}

TEST(XlsxCells, WithoutPlacesFollowEachOther) {
  const auto rows =
      header(4) + "<row/><row><c/><c><v>1</v></c><c r=\"D3\"><v>2</v></c></row><row r=\"9\"><c><v>3</v></c></row>";
  EXPECT_THAT(read(workbook(rows)).table.rows, ElementsAre(row(3, {"", "1", "", "2"}), row(9, {"3", "", "", ""})));
}

TEST(XlsxCells, ShowTimesByTheirFormat) {
  const auto styles =
      "<numFmts><numFmt numFmtId=\"170\" formatCode=\"[h]:mm\"/></numFmts><cellStyleXfs><xf "
      "numFmtId=\"14\"/></cellStyleXfs>"
      "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"31\"/><xf numFmtId=\"22\"/><xf numFmtId=\"170\"/></cellXfs>"
      "<dxfs><dxf><numFmt numFmtId=\"0\" formatCode=\"yyyy\"/></dxf></dxfs>";
  const auto rows = header(4) +
                    "<row r=\"2\"><c s=\"1\"><v>46082</v></c><c s=\"2\"><v>46082.354166666664</v></c>"
                    "<c s=\"3\"><v>1.5</v></c><c s=\"0\"><v>46082</v></c></row>"
                    "<row r=\"3\"><c s=\"1\"><v>60</v></c></row>"
                    "<row r=\"4\"><c s=\"1\" t=\"d\"><v>2026-03-01T00:00:00</v></c></row>";
  const auto [table, problems] = read(with_styles(workbook(rows), styles));
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"2026-03-01", "2026-03-01 08:30", "36:00", "46082"}),
                                      row(4, {"2026-03-01", "", "", ""})));
  EXPECT_THAT(problems, ElementsAre(problem_at(3, "a", "60 is none")));
}

TEST(XlsxCells, ThatAreErrorsOrHaveNoResultSpoilTheirRow) {
  const auto rows =
      header(2) +
      "<row r=\"2\"><c><f>1</f></c><c t=\"str\"><f>1</f></c></row><row r=\"3\"><c/><c><f>1</f><v/></c></row>"
      "<row r=\"4\"><c t=\"e\"><v>#DIV/0!</v></c></row><row r=\"5\"><c><v>1</v></c></row>";
  const auto [table, problems] = read(workbook(rows));
  EXPECT_THAT(problems, ElementsAre(problem_at(2, "a", "no saved result"), problem_at(2, "b", "no saved result"),
                                    problem_at(3, "b", "no saved result"), problem_at(4, "a", "#DIV/0!")));
  EXPECT_THAT(table.rows, ElementsAre(row(5, {"1", ""})));
}

TEST(XlsxCells, FormulasElsewhereInASheetAreNoCells) {
  auto parts = workbook(header(1) + "<row><c><v>1</v></c></row>");
  auto& sheet = parts["xl/worksheets/sheet1.xml"];
  sheet.insert(sheet.rfind("</"), "<row r=\"7\"><c><v>5</v></c></row><x:f xmlns:x=\"x\">1</x:f>");
  EXPECT_THAT(read(parts).table.rows, ElementsAre(row(2, {"1"})));
}

TEST(XlsxSheet, IsTheFirstThatIsVisibleOrTheOneOfData) {
  const auto sheets = [](const std::string& second, const std::string& third) {
    auto parts = workbook(header(1));
    for (const char* id : {"2", "3"}) {
      parts["xl/worksheets/sheet"s + id + ".xml"] = "<x:worksheet xmlns:x=\"x\"><x:sheetData><x:row>" +
                                                    inline_cell("sheet"s + id) + "</x:row></x:sheetData></x:worksheet>";
      relate(parts, relationship("s"s + id, "worksheet", "worksheets/Sheet"s + id + ".xml"));
    }
    relate(parts, relationship("c1", "chartsheet", "worksheets/sheet1.xml"));
    parts["xl/workbook.xml"] =
        "<workbook xmlns:q=\"q\"><sheets><sheet name=\"c\" q:id=\"c1\"/><sheet name=\"1\" state=\"hidden\" "
        "q:id=\"rId1\"/><sheet q:id=\"s2\" " +
        second + "/><sheet q:id=\"s3\" " + third + "/></sheets></workbook>";
    const auto [table, problems] = read(parts);
    return table.columns.empty() ? problems.at(0).text.en : table.columns[0];
  };
  EXPECT_EQ(sheets("name='x'", "name='y'"), "sheet2");
  EXPECT_EQ(sheets("name='x'", "name='数据'"), "sheet3");
  EXPECT_EQ(sheets("name='x'", "name='DATA'"), "sheet3");
  EXPECT_EQ(sheets("name='x'", "name='data' state='veryHidden'"), "sheet2");
  EXPECT_EQ(sheets("name='x' state='hidden'", "name='y'"), "sheet3");
  EXPECT_THAT(sheets("name='x' state='hidden'", "name='y' state='hidden'"), HasSubstr("no visible worksheet"));
}

TEST(XlsxRefuses, WhatIsNoWorkbook) {
  expect_refused(read({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}}), 0, "no .xlsx workbook");
  auto document = workbook("");
  document["xl/workbook.xml"] = "<w:document xmlns:w=\"w\"/>";
  expect_refused(read(document), 0, "no .xlsx workbook");
  auto binary = workbook("");
  binary["xl/workbook.bin"] = "\x83\x01";
  binary["_rels/.rels"] =
      "<Relationships>" + relationship("a", "officeDocument", "xl/workbook.bin") + "</Relationships>";
  expect_refused(read(binary), 0, "no .xlsx workbook");
  expect_refused(read(workbook("")), 0, "empty");
}

TEST(XlsxRefuses, AFileCutShortAnywhere) {
  const auto whole = zipped(workbook(header(1) + "<row><c><v>1</v></c></row>"));
  ASSERT_THAT(read_table(whole).problems, IsEmpty());
  for (std::size_t size = 4; size < whole.size(); ++size)
    expect_refused(read_table(whole.substr(0, size)), 0, "damaged");
}

TEST(XlsxRefuses, BytesThatAreNotThoseThatWerePacked) {
  auto bytes = zipped(workbook(header(1) + "<row><c><v>12345</v></c></row>"), {.method = ZIP_CM_STORE});
  bytes[bytes.find("12345")] = '9';
  expect_refused(read_table(bytes), 0, "damaged");
}

TEST(XlsxRefuses, PacksThatAreEncryptedOrOfAnotherMethod) {
  const auto parts = workbook(header(1));
  expect_refused(read_table(zipped(parts, {.encryption = ZIP_EM_AES_256})), 0, "encrypted");
  expect_refused(read_table(zipped(parts, {.method = ZIP_CM_BZIP2})), 0, "damaged");
}

TEST(XlsxRefuses, PartsThatAreThereTwiceOrHaveOddPaths) {
  auto parts = workbook(header(1));
  for (const char* odd : {"../x", "/x", "x\\y", "c:x", "x//y", "x/./y", "XL/Workbook.xml", "x\ny"}) {
    auto more = parts;
    more[odd] = "";
    expect_refused(read(more), 0, "odd path");
  }
  auto twice = parts;
  twice["xl/workbook.xmm"] = "<workbook/>";
  auto bytes = zipped(twice);
  for (auto at = bytes.find(".xmm"); at != std::string::npos; at = bytes.find(".xmm")) bytes[at + 3] = 'l';
  expect_refused(read_table(bytes), 0, "odd path");
  parts["xl/media/"] = "";
  EXPECT_THAT(read(parts).problems, IsEmpty());
}

TEST(XlsxRefuses, RelationshipsThatLeaveThePackButIgnoresThoseToTheOutside) {
  auto parts = workbook(header(1));
  relate(parts, "<Relationship Id=\"x\" TargetMode=\"External\" Type=\"" + type +
                    "sharedStrings\" Target=\"file:///etc/passwd\"/>");
  EXPECT_THAT(read(parts).problems, IsEmpty());
  for (const auto& odd : {relationship("y", "styles", "../../x.xml"), relationship("rId1", "styles", "x.xml")}) {
    auto more = parts;
    relate(more, odd);
    expect_refused(read(more), 0, "odd path");
  }
}

TEST(XlsxRefuses, ADoctypeInAnyPart) {
  const auto good = with_styles(with_strings(workbook(header(1)), ""), "");
  for (const auto& [name, text] : good) {
    auto parts = good;
    parts[name] = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>" + text;
    expect_refused(read(parts), 0, "DOCTYPE");
  }
}

TEST(XlsxRefuses, XmlThatIsNotWellFormed) {
  auto parts = workbook(header(1));
  parts["xl/worksheets/sheet1.xml"] += "<more/>";
  expect_refused(read(parts), 0, "xl/worksheets/sheet1.xml within the workbook is damaged");
}

TEST(XlsxRefuses, PlacesThatAreTwiceOutOfOrderOrBeyondASheet) {
  for (const char* rows :
       {"<row r=\"1\"/>", "<row r=\"1048577\"/>", "<row r=\"x\"/>", "<row r=\"3\"><row r=\"4\"/></row>"})
    expect_refused(read(workbook(header(2) + rows)), rows[8] == '3' ? 3 : 1, "out of order");
  for (const char* cell : {"A2", "B3", "XFE2", "2", "B", "b2", "B0", "AAAAAAAAAAAAAAAA2", "B99999999999", "MWLQKWX2"})
    expect_refused(read(workbook(header(2) + "<row r=\"2\"><c r=\"A2\"/><c r=\"" + cell + "\"><v>1</v></c></row>")), 2,
                   "out of order");
  expect_refused(read(workbook(header(2) + "<row r=\"2\"><c><v>1</v><v>2</v></c></row>")), 2, "twice");
  for (const char* cell : {"<c r=\"A2\"><v>1</v></c>", "<c><v>1</v></c>"})
    expect_refused(read(workbook(header(2) + cell)), 1, "out of order");
}

TEST(XlsxRefuses, ValuesThatAreNotOfTheirType) {
  for (const char* cell : {"<c><v>1x</v></c>", "<c><v>inf</v></c>", "<c><v>1e999</v></c>", "<c t=\"s\"><v>1</v></c>",
                           "<c t=\"s\"><v>-1</v></c>"})
    expect_refused(read(with_strings(workbook(header(1) + "<row>" + cell + "</row>"), "<si/>")), 2, "damaged");
}

TEST(XlsxLimits, HoldAtTheirValueAndRefuseBeyond) {
  const auto rows =
      header(2) + "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c r=\"A4\"/><c r=\"C4\" s=\"1\"/></row>";
  EXPECT_THAT(read(workbook(rows), {.rows = 1, .columns = 2}).table.rows, SizeIs(1));
  expect_refused(read(workbook(rows + "<row><c><v>3</v></c></row>"), {.rows = 1}), 5, "more than 1 rows");
  expect_refused(read(workbook(rows + "<row><c r=\"XFD5\"><v>3</v></c></row>"), {.columns = 64}), 5,
                 "more than 64 columns");
  const auto strings = with_strings(workbook(header(1)), "<si><t>ab</t></si><si><t>c</t></si>");
  EXPECT_THAT(read(strings, {.text_bytes = 3, .shared_strings = 2}).problems, IsEmpty());
  expect_refused(read(strings, {.shared_strings = 1}), 0, "too much text");
  expect_refused(read(strings, {.text_bytes = 2}), 0, "too much text");
  EXPECT_THAT(read(strings, {.parts = 5}).problems, IsEmpty());
  expect_refused(read(strings, {.parts = 4}), 0, "too many parts");
}

TEST(XlsxLimits, HoldForEveryListWithinAWorkbook) {
  auto sheets = workbook(header(1));
  for (int i = 0; i < 5; ++i) sheets["xl/workbook.xml"].insert(sheets["xl/workbook.xml"].rfind("</sheets"), "<sheet/>");
  EXPECT_THAT(read(sheets, {.parts = 6}).problems, IsEmpty());
  expect_refused(read(sheets, {.parts = 5}), 0, "too many parts");
  auto relations = workbook(header(1));
  for (const char* id : {"2", "3", "4", "5", "6"}) relate(relations, relationship(id, "theme", "x"));
  EXPECT_THAT(read(relations, {.parts = 6}).problems, IsEmpty());
  expect_refused(read(relations, {.parts = 5}), 0, "too many parts");
  std::string formats, own;
  for (int i = 0; i < 65'492; ++i) {
    formats += "<xf/>";
    own += "<numFmt numFmtId=\"" + std::to_string(i) + "\"/>";
  }
  for (const auto& styles : {"<cellXfs>" + formats + "</cellXfs>", "<numFmts>" + own + "</numFmts>"})
    expect_refused(read(with_styles(workbook(header(1)), styles)), 0, "too many parts");
}

TEST(XlsxLimits, CountATextAsOftenAsItIsUsed) {
  std::string rows = header(2);
  for (int i = 0; i < 10; ++i) rows += "<row><c t=\"s\"><v>0</v></c></row>";
  const auto parts = with_strings(workbook(rows), "<si><t>" + std::string(100, 'x') + "</t></si>");
  EXPECT_THAT(read(parts, {.text_bytes = 1002}).problems, IsEmpty());
  expect_refused(read(parts, {.text_bytes = 1001}), 11, "more than 1001 B");
}

TEST(XlsxLimits, ATextTooLongIsAProblemWhereItIsUsed) {
  const auto rows = header(1) + "<row><c t=\"s\"><v>0</v></c></row><row><c t=\"s\"><v>1</v></c></row>";
  const auto items = "<si><t>" + std::string(9'000, 'x') + "</t></si><si><t>" + std::string(4'096, 'y') + "</t></si>";
  const auto [table, problems] = read(with_strings(workbook(rows), items));
  EXPECT_THAT(problems, ElementsAre(problem_at(2, "a", "longer than 4096 B")));
  EXPECT_THAT(table.rows, ElementsAre(row(3, {std::string(4'096, 'y')})));
}

TEST(XlsxLimits, BoundWhatIsUnpackedWhateverTheFileSays) {
  const auto parts = workbook(header(1) + std::string(3 << 20, ' '));
  std::size_t unpacked = 0;
  for (const auto& [name, text] : parts) unpacked += text.size();
  auto bytes = zipped(parts);
  EXPECT_THAT(read_table(bytes, {.unpacked_bytes = unpacked}).problems, IsEmpty());
  expect_refused(read_table(bytes, {.unpacked_bytes = unpacked - 1}), 0, "Unpacks to more than 3 MiB");
  // The sizes that the pack gives are made small.
  const auto size = parts.at("xl/worksheets/sheet1.xml").size();
  const std::string declared{static_cast<char>(size), static_cast<char>(size >> 8), static_cast<char>(size >> 16),
                             '\0'};
  ASSERT_NE(bytes.find(declared), std::string::npos);
  for (auto at = bytes.find(declared); at != std::string::npos; at = bytes.find(declared)) bytes[at + 2] = 0;
  expect_refused(read_table(bytes, {.unpacked_bytes = 1 << 20}), 0, "Unpacks to more than 1 MiB");
}

TEST(XlsxLimits, BoundWhatXmlCanMakeTheParserHold) {
  std::string depth, names, attributes = "<a";
  for (int i = 0; i < 100'000; ++i) {
    depth += "<a>";
    names += "<n" + std::to_string(i) + "/>";
    attributes += " n" + std::to_string(i) + "=\"\"";
  }
  for (const auto& xml :
       {depth, "<a>" + names + "</a>", attributes + "/>", "<a b=\"" + std::string(5 << 20, 'x') + "\"/>",
        "<a><!--" + std::string(5 << 20, 'x') + "--></a>"}) {
    auto parts = workbook("");
    parts["xl/worksheets/sheet1.xml"] = xml;
    expect_refused(read(parts), 0, "too intricate");
  }
  EXPECT_THAT(read(workbook(header(1))).problems, IsEmpty()) << "the bytes are counted down again";
}

}  // namespace
}  // namespace hazgate::records::xlsx_reader_test
