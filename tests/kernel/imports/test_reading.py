import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.imports.reading import LONGEST_CELL, BadRow, Unreadable, inspect, rows

DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "contacts.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path, **given):
    reading = inspect(path, **given)
    return [
        (item.line, item.cells, str(item.reason)) if isinstance(item, BadRow) else item for item in rows(reading, path)
    ]


def good(path, **given):
    return [item for item in read(path, **given) if len(item) == 2]


def test_a_plain_file_is_described(file):
    content = "name,city\nAnna,Berlin\n王伟,北京\n"
    reading = inspect(file(content))
    assert (reading.encoding, reading.delimiter, reading.quotechar) == ("utf-8", ",", '"')
    assert reading.header == ["name", "city"]
    assert reading.sample == [["Anna", "Berlin"], ["王伟", "北京"]]
    assert (reading.rows_estimate, reading.size) == (2, len(content.encode()))
    assert reading.sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert reading.notes == []


PEOPLE = {
    "gb18030": ["姓名,公司", "王伟,北京科技有限公司", "李丽,上海贸易"],
    "cp1251": ["Имя;Город", "Иванов Пётр;Москва", "ООО «Ромашка»;г. Тверь"],
    "cp1252": ["Name;Straße", "Jürgen Müller;Hauptstraße 5", "André;Weg 1 – 2"],
    "utf-8": ["Name,City", "Jürgen,Köln", "王伟,北京"],
    "utf-8-sig": ["Name,City", "Jürgen,Köln"],
    "utf-16": ["Name\tCity", "Jürgen\tKöln", "王伟\t北京"],
    "utf-16-le": ["Name\tCity", "Jürgen\tKöln"],
    "utf-16-be": ["Name\tCity", "Jürgen\tKöln"],
    "big5": ["姓名,公司", "王小明,臺北科技有限公司", "陳美麗,高雄貿易公司"],
    "cp1250": ["Nazwisko;Firma", "Łukasz Żółć;Spółka Gdańsk"],
}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", PEOPLE)
def test_the_usual_encodings_are_found_in_a_few_names(file, encoding, line_break):
    lines = PEOPLE[encoding]
    path = file((line_break.join(lines) + line_break).encode(encoding))
    sign = next(sign for sign in ";,\t" if sign in lines[0])
    assert inspect(path).encoding == encoding
    assert inspect(path).header == lines[0].split(sign)
    assert read(path) == [(number, line.split(sign)) for number, line in enumerate(lines[1:], 2)]


@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        ("André;Rio", "cp1252"),
        ("Ivan;Москва", "cp1251"),
        ("МОСКВА;1", "cp1251"),
        ("王伟;1", "gb18030"),
        ("5 €;1", "cp1252"),
    ],
)
def test_one_foreign_word_in_a_long_file_is_enough(file, row, encoding):
    path = file(("name;city\n" + "Anna;Berlin\n" * 200_000 + row).encode(encoding))
    assert inspect(path).encoding == encoding
    assert read(path)[-1] == (200_002, row.split(";"))


def test_a_given_encoding_and_separator_are_not_guessed(file):
    path = file("name;a,b\nИван;1,2\n".encode("koi8-r"))
    assert read(path, encoding="koi8-r", delimiter=";") == [(2, ["Иван", "1,2"])]
    assert inspect(path, encoding="koi8-r", delimiter=",").header == ["name;a", "b"]
    assert inspect(file("\ufeffname\nx\n"), encoding="utf8").header == ["name"]


@pytest.mark.parametrize("name", ["klingon", "base64", "undefined"])
def test_an_encoding_that_is_none_is_refused(file, name):
    with pytest.raises(Unreadable, match=f"no encoding “{name}”"):
        inspect(file("a,b\n"), encoding=name)


def test_rows_that_the_encoding_cannot_hold_are_bad_and_the_others_good(file):
    path = file("name,city\nJürgen,Köln\n".encode() + "André,Rio\n".encode("cp1252") + "李,x\nZoë,y\n".encode())
    assert inspect(path).encoding == "utf-8"
    items = read(path)
    assert [item[:2] for item in items if len(item) == 2] == [
        (2, ["Jürgen", "Köln"]),
        (4, ["李", "x"]),
        (5, ["Zoë", "y"]),
    ]
    assert [(item[0], "not utf-8" in item[2]) for item in items if len(item) == 3] == [(3, True)]


def test_a_stray_zero_byte_costs_its_row_only(file):
    path = file("name,city\n" + "Anna,Berlin\n" * 50 + "An\0na,Berlin\n" + "Bob,Rome\n")
    items = read(path)
    assert [item[0] for item in items if len(item) == 3] == [52]
    assert len(items) == 52


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_what_cuts_header_and_rows_alike(file, sign):
    path = file(sign.join(["name", "note", "n"]) + "\n" + sign.join(["A", '"a,b;c|d\te"', "1"]) + "\n")
    assert inspect(path).delimiter == sign
    assert read(path) == [(2, ["A", "a,b;c|d\te", "1"])]


def test_a_comma_in_numbers_is_no_separator(file):
    assert inspect(file("name;amount\nA;1,5\nB;2,5\n")).delimiter == ";"
    assert read(file("sep=;\r\nname;a,b\r\nA;1,5\r\n")) == [(3, ["A", "1,5"])]
    assert inspect(file("name\nAnna, Bob\nCarl\n")).header == ["name"]


def test_single_quotes_are_seen(file):
    assert read(file("'name','city'\n'Anna','Berlin, Mitte'\n")) == [(2, ["Anna", "Berlin, Mitte"])]


def test_line_breaks_in_quotes_stay_and_lines_are_physical(file):
    path = file('name,note\nA,"one\ntwo"\n\nB,"x\r\ny\r\nz"\nC,\n')
    assert read(path) == [(2, ["A", "one\ntwo"]), (5, ["B", "x\r\ny\r\nz"]), (8, ["C", ""])]


def test_rows_of_another_width_are_bad_with_their_line(file):
    path = file('a,b\n1\n1,2\n1,2,3\n"x\ny"\n1,2,,\n,\n \n')
    assert read(path) == [
        (2, ["1"], "The row has 1 cells, the header 2: add or remove separators, or quote the cell."),
        (3, ["1", "2"]),
        (4, ["1", "2", "3"], "The row has 3 cells, the header 2: add or remove separators, or quote the cell."),
        (5, ["x\ny"], "The row has 1 cells, the header 2: add or remove separators, or quote the cell."),
        (7, ["1", "2"]),
        (9, [" "], "The row has 1 cells, the header 2: add or remove separators, or quote the cell."),
    ]


NEVER_CLOSED = "A quotation mark in the row is never closed: close it, double it or remove it."


def test_a_quote_that_is_never_closed_costs_one_row(file):
    rest = "".join(f"{n},x\n" for n in range(3000))
    path = file(f'a,b\n1,2\n3,"four\n{rest}')
    items = read(path)
    assert items[:2] == [(2, ["1", "2"]), (3, ["3", "four\n"], NEVER_CLOSED)]
    assert items[2:] == [(4 + n, [str(n), "x"]) for n in range(3000)]


def test_a_quote_closed_by_the_next_one_costs_one_row(file):
    path = file('a,b\n1,"two\n3,4\n5,"six"\n7,8\n')
    assert read(path) == [(2, ["1", "two\n"], NEVER_CLOSED), (3, ["3", "4"]), (4, ["5", "six"]), (5, ["7", "8"])]


def test_a_runaway_quote_ends_at_the_longest_cell(file):
    filler = "x,y\n" * (LONGEST_CELL // 4 + 10)
    path = file(f'a,b\n1,"two\n{filler}')
    items = read(path)
    assert items[0] == (2, ["1", "two\n"], NEVER_CLOSED)
    assert len(items) == 1 + LONGEST_CELL // 4 + 10
    assert all(len(item) == 2 for item in items[1:])


def test_very_many_bad_quotes_are_survived(file):
    path = file("a,b\n" + '1,"x\n' * 30_001)
    assert len(read(path)) == 30_001


def test_a_cell_that_is_too_long_costs_its_row(file):
    path = file("a,b\n1," + "x" * (LONGEST_CELL + 1) + "\n3,4\n")
    assert read(path) == [(2, [], "A cell of the row has more than 1 MB: shorten it."), (3, ["3", "4"])]


def test_columns_without_a_name_of_their_own_get_one_and_a_note(file):
    reading = inspect(file("name,,name, name ,e-mail\n1,2,3,4,5\n"))
    assert reading.header == ["name", "column 2", "name (2)", "name (3)", "e-mail"]
    assert [str(note) for note in reading.notes] == [
        "Column 2 has no name: it is called “column 2” here.",
        "The name “name” occurs twice: column 3 is called “name (2)” here.",
        "The name “name” occurs twice: column 4 is called “name (3)” here.",
    ]


def test_a_header_alone_is_noted(file):
    reading = inspect(file("name,city\r\n"))
    assert (reading.sample, reading.rows_estimate) == ([], 0)
    assert [str(note) for note in reading.notes] == ["The file has a header but no rows."]


def zipped(*names: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name in names:
            archive.writestr(
                zipfile.ZipInfo(name), "x"
            )  # without the time of day, which would stand in the test's name
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook: open it and save the sheet as “CSV UTF-8”"),
        (zipped("word/document.xml"), "text document"),
        (zipped("mimetype", "content.xml"), "OpenDocument spreadsheet"),
        (zipped("a.csv"), "archive: unpack it"),
        (b"PK\x03\x04 broken", "archive: unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image"),
        (b"\x1f\x8b\x08\0\0", "archive"),
        (b"SQLite format 3\0", "database"),
        (b"<!DOCTYPE html><html>", "web page"),
        ("\ufeff<html><table>".encode("utf-16-le"), "web page"),
        (b"<?xml version='1.0'?>", "XML"),
        (b'[\n {"name": "Anna"}]', "JSON"),
        (b'{"contacts": []}', "JSON"),
        (bytes(range(256)) * 20, "not text"),
        (b"a,b\0c,d", "not text"),
        (b"a" * (17 << 20), "line of more than 16 MB"),
        (b'name,"city\nAnna,Berlin\n', "quotation mark in the header"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_a_file_that_is_not_what_its_name_says_is_told(file, content, says):
    with pytest.raises(Unreadable, match=says):
        inspect(file(content))


def test_a_file_that_is_not_there_is_told(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Unreadable, match="There is no file “"):
            inspect(path)


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff\ufffd")
CELLS = st.text(LETTERS | st.sampled_from("\r\n\t\",;'"), max_size=12)


@given(st.data(), st.integers(2, 4), st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]))
def test_what_a_spreadsheet_writes_is_what_is_read(tmp_path_factory, data, width, style):
    table = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    path = tmp_path_factory.mktemp("written") / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator=style[0], quoting=style[1])
        writer.writerow([f"field {n}" for n in range(width)])
        writer.writerows(table)
    assert [cells for _line, cells in read(path, delimiter=",")] == [cells for cells in table if any(cells)]


@pytest.mark.skipif(not DATA.exists(), reason="the real files of ../shared/data are not on this machine")
@pytest.mark.parametrize(
    ("name", "width", "number", "last"),
    [
        ("dedupe_org_messy/csv_example_messy_input.csv", 32, 3337, 3682),
        ("dedupe_org_messy/csv_example_input_with_true_ids.csv", 33, 3337, None),
        ("olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv", 4, 8000, 8001),
        ("olist_marketing_funnel/olist_closed_deals_dataset.csv", 14, 842, 843),
        ("olist_marketing_funnel/olist_sellers_dataset.csv", 4, 3095, 3096),
        ("bank_telemarketing/bank-full.csv", 17, 45211, 45212),
    ],
)
def test_real_files_lose_no_row(name, width, number, last):
    items = read(DATA / name)
    assert len(items) == number
    assert {len(item[1]) for item in items if len(item) == 2} == {width}
    assert last is None or items[-1][0] <= last
