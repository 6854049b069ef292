import datetime as dt
import json
import re
import time
from pathlib import Path

import pytest

from wireroom.document import Document, decode, document_id, parse, render, web_document_id
from wireroom.errors import DocumentError, Reason, UrlError
from wireroom.layouts import BOM, Layout

PAGE = Path(__file__).parent.parent.joinpath("docs", "format.md").read_text()
SAMPLES = re.findall(r"```text\n(.*?)```\n+```json\n(.*?)```", PAGE, re.DOTALL)
HARBOUR = "https://harbour.example/a"


def sources(footer: str) -> tuple[str, ...]:
    return parse(f"The ferry sailed.\n\n{footer}").sources


@pytest.mark.parametrize(("text", "expected"), SAMPLES)
def test_the_samples_of_the_format_page_read_as_it_says(text: str, expected: str):
    document = parse(text)
    for field, value in json.loads(expected).items():
        found = getattr(document, field)
        assert json.loads(json.dumps(found, default=str)) == value, field
    assert render(document) == text


def test_the_format_page_has_a_sample_for_each_layout():
    assert {parse(text).layout for text, _ in SAMPLES} == set(Layout)
    assert PAGE.count("```text") == PAGE.count("```json") == len(SAMPLES)


def test_the_code_of_the_format_page_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope: dict[str, object] = {}
    exec(compile(code, "docs/format.md", "exec"), scope)
    assert isinstance(scope["page"], Document)


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (b"", Reason.EMPTY, "is empty"),
        (b" \r\n\t\n", Reason.EMPTY, "blanks"),
        (b"\xef\xbb\xbf", Reason.EMPTY, "blanks"),
        (b"\xef\xbb\xbf \n", Reason.EMPTY, "blanks"),
        (b"text\0text", Reason.NOT_TEXT, "byte 4 is NUL"),
        (b"caf\xe9 au lait", Reason.NOT_TEXT, "byte 3 is 0xe9"),
        (b"\xff\xd8\xff\xe0\x10JFIF", Reason.NOT_TEXT, "byte 0 is 0xff"),
        ("text".encode("utf-16"), Reason.NOT_TEXT, "UTF-16"),
        (b"cut \xe2\x80", Reason.NOT_TEXT, "byte 4"),
        (b"\xed\xa0\x80 half a character", Reason.NOT_TEXT, "byte 0"),
        (b"x" * 101, Reason.TOO_LARGE, "101 bytes, more than the 100"),
        (b"\0" * 101, Reason.TOO_LARGE, "101 bytes"),
    ],
)
def test_what_is_no_document_is_named_with_its_reason(data: bytes, reason: Reason, words: str):
    with pytest.raises(DocumentError) as caught:
        decode(data, "harbour.txt", 100)
    assert caught.value.reason is reason
    assert caught.value.name == "harbour.txt"
    assert words in caught.value.detail
    assert "harbour.txt" in str(caught.value)


def test_decode_keeps_the_bom_and_parse_ignores_it():
    text = decode(b"\xef\xbb\xbf date 2031-03-04 \n\nA.", "n", 100)
    assert text.startswith(BOM)
    document = parse(text, name="n")
    assert (document.date, document.paragraphs, document.name) == (dt.date(2031, 3, 4), ("A.",), "n")
    assert render(document) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", BOM])
def test_line_ends_make_no_difference(end: str, bom: str):
    titled = parse(bom + f"T\n20310304\n{HARBOUR}\nA.\nB.\n\nSource: {HARBOUR}/2\n".replace("\n", end))
    assert (titled.title, titled.date, titled.url) == ("T", dt.date(2031, 3, 4), HARBOUR)
    assert (titled.paragraphs, titled.sources) == (("A.", "B."), (HARBOUR, f"{HARBOUR}/2"))
    dated = parse(bom + f" date 2031-03-04 \n\n\n\nA\nB\n\nC\n\nSource: {HARBOUR}\n\n".replace("\n", end))
    assert (dated.layout, dated.paragraphs, dated.url) == (Layout.DATED, ("A B", "C"), HARBOUR)


@pytest.mark.parametrize(
    ("text", "date", "paragraphs"),
    [
        ("date 2031-03-04", dt.date(2031, 3, 4), ()),
        ("  \n date\t2031-03-04\tQUAY A.", dt.date(2031, 3, 4), ("QUAY A.",)),
        ("date 2032-02-29 A.", dt.date(2032, 2, 29), ("A.",)),
        ("date 0000-00-00\n\nA.", None, ("A.",)),
        ("date 0001-01-01 A.", dt.date(1, 1, 1), ("A.",)),
        ("date 2031-03-04 date 2031-03-05 A.", dt.date(2031, 3, 4), ("date 2031-03-05 A.",)),
        ("date 2031-03-04\nwrapped\nline", dt.date(2031, 3, 4), ("wrapped line",)),
    ],
)
def test_dated_headers(text: str, date: dt.date | None, paragraphs: tuple[str, ...]):
    document = parse(text)
    assert (document.layout, document.date, document.paragraphs) == (Layout.DATED, date, paragraphs)
    assert document.warnings == ()


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("date 2031-02-29 A.", ("invalid_date",)),
        ("date 0000-01-01 A.", ("invalid_date",)),
        ("date 2031-03-04. A.", ()),
        ("date 2031-03-04T10:00 A.", ()),
        ("date\n2031-03-04 A.", ()),
        ("Date 2031-03-04 A.", ()),
        ("update 2031-03-04 A.", ()),
        ("date 31-03-04 A.", ()),
        ("date ２０３１-03-04 A.", ()),  # noqa: RUF001 - digits that are no ASCII digits
    ],
)
def test_what_is_no_dated_header_is_body(text: str, warnings: tuple[str, ...]):
    document = parse(text)
    assert (document.layout, document.date, document.warnings) == (Layout.PLAIN, None, warnings)
    assert document.text == text.replace("\n", " ")


@pytest.mark.parametrize(
    "text",
    [
        f"T\n2031030\n{HARBOUR}",
        f"T\n2031-03-04\n{HARBOUR}",
        "T\n20310304\nharbour.example",
        "T\n20310304\nhttps://",
        f"T\n20310304\n{HARBOUR} says the ferry sailed",
        f"T\n\n20310304\n{HARBOUR}",
        f"20310304\n{HARBOUR}",
        "T\n20310304",
    ],
)
def test_what_only_resembles_titled_is_plain(text: str):
    document = parse(text)
    assert (document.layout, document.title, document.date, document.sources) == (
        Layout.PLAIN,
        None,
        None,
        (),
    )
    assert re.sub(r"\s", "", document.text) == re.sub(r"\s", "", text)


def test_a_titled_header_wins_over_a_dated_one():
    document = parse(f"date 2030-01-01\n20310304\n{HARBOUR}")
    assert (document.layout, document.title, document.date) == (
        Layout.TITLED,
        "date 2030-01-01",
        dt.date(2031, 3, 4),
    )


def test_a_titled_file_may_have_no_title_and_no_body():
    document = parse(f"  \n20310304\n{HARBOUR}")
    assert (document.layout, document.title, document.paragraphs) == (Layout.TITLED, None, ())
    assert document.sources == (HARBOUR,)


def test_a_broken_address_in_the_header_is_named_and_the_footer_steps_in():
    document = parse(f"T\n20310304\nhttp://[::1\nA.\n\nSources: {HARBOUR}, http://mara@harbour.example/")
    assert document.layout is Layout.TITLED
    assert (document.url, document.sources) == (HARBOUR, (HARBOUR,))
    assert document.broken_urls == ("http://[::1", "http://mara@harbour.example/")
    assert document.warnings == ("invalid_url",)


@pytest.mark.parametrize(
    ("footer", "expected"),
    [
        ("Sources: https://a.example", ("https://a.example",)),
        ("SOURCE : https://a.example", ("https://a.example",)),
        ("sources:https://a.example.", ("https://a.example",)),
        ("Sources:\nhttps://a.example\nhttps://b.example\n", ("https://a.example", "https://b.example")),
        ("Sources: https://a.example,https://b.example", ("https://a.example", "https://b.example")),
        ("Sources: https://a.example|https://b.example;http://c.example", (*["https://a.example"], "https://b.example", "http://c.example")),
        ("Sources: https://a.example/1,2,3.html , https://b.example", ("https://a.example/1,2,3.html", "https://b.example")),
        ("Sources: Harbour Wire (https://a.example/x).", ("https://a.example/x",)),
        ("Sources: [Wire](https://a.example/x), [https://b.example/y]", ("https://a.example/x", "https://b.example/y")),
        ("Sources: “https://a.example/x” 'https://b.example/y'", ("https://a.example/x", "https://b.example/y")),
        ("Sources: https://a.example/w_(x)_(y)", ("https://a.example/w_(x)_(y)",)),
        ("Sources: (see https://a.example/w_(x))", ("https://a.example/w_(x)",)),
        ("Sources: https://a.example/x))).,;:!?", ("https://a.example/x",)),
        ("Sources: <https://a.example/x).> <https://b.example>", ("https://a.example/x).", "https://b.example")),
        ("Sources: https://a.example/?u=https://b.example/", ("https://a.example/?u=https://b.example/",)),
        ("Sources: https://a.example https://A.example/ https://a.example", ("https://a.example",)),
        ("Sources: HTTPS://a.example/X", ("HTTPS://a.example/X",)),
        ("Sources: https://a.example、https://b.example", ("https://a.example", "https://b.example")),
    ],
)  # fmt: skip
def test_addresses_of_a_footer(footer: str, expected: tuple[str, ...]):
    assert sources(footer) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Sources close to the minister: https://a.example",
        "Sources: the minister, and a clerk",
        "Sources: http:// is how addresses begin",
        "Sources: ftp://a.example and www.b.example",
        "Resources: https://a.example",
        "All sources: https://a.example",
    ],
)
def test_text_that_merely_speaks_of_sources_is_body(text: str):
    for body in (text, f"The ferry sailed.\n\n{text}"):
        document = parse(body)
        assert document.paragraphs[-1] == text
        assert document.sources == ()


def test_a_footer_is_the_last_block_only():
    document = parse(f"A.\n\nSources: {HARBOUR}\n\nB.")
    assert document.paragraphs == ("A.", f"Sources: {HARBOUR}", "B.")
    assert document.sources == ()
    document = parse(f"A.\n\nB.\nSources: {HARBOUR}")
    assert document.paragraphs == ("A.", f"B. Sources: {HARBOUR}")


def test_a_file_may_hold_a_footer_alone():
    document = parse(f"Sources: {HARBOUR}")
    assert (document.layout, document.paragraphs, document.sources) == (Layout.PLAIN, (), (HARBOUR,))
    document = parse(f"date 2031-03-04 Sources: {HARBOUR}")
    assert (document.layout, document.paragraphs, document.sources) == (Layout.DATED, (), (HARBOUR,))


def test_a_footer_block_in_titled_may_hold_several_markers():
    document = parse(f"T\n20310304\n{HARBOUR}\nA.\n\nSource: {HARBOUR}/2\nSource: {HARBOUR}/3")
    assert (document.paragraphs, document.sources) == (("A.",), (HARBOUR, f"{HARBOUR}/2", f"{HARBOUR}/3"))


def test_a_footer_of_lines_ends_where_prose_goes_on():
    body = f"A.\nSources: {HARBOUR}/2\nMore is at {HARBOUR}/3\n{HARBOUR}/4"
    document = parse(f"T\n20310304\n{HARBOUR}\n{body}")
    assert (document.text, document.sources) == (body, (HARBOUR,))


def test_long_lines_without_blank_lines_are_paragraphs_and_wrapped_ones_are_not():
    long = "The ferry went out and came back, " * 5 + "and so on"
    assert parse(f"Norhaven\n{long}").paragraphs == ("Norhaven", long)
    wrapped = f"Read on at\n{HARBOUR}{'/x' * 80}\ntomorrow"
    assert parse(wrapped).paragraphs == (wrapped.replace("\n", " "),)
    assert parse("“Enough!” she said.\n(He left.)").paragraphs == ("“Enough!” she said.", "(He left.)")


def test_only_real_line_ends_divide():
    odd = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"
    assert parse(odd).paragraphs == (odd,)


def test_fetched_tidies_what_a_page_gave():
    document = Document.fetched(
        url="HTTPS://Harbour.example",
        title=" \ufeffFerry\n returns ",
        paragraphs=["a\r\nb", " \x1b \u2028", "", "c\ud800d", "  e  f "],
    )
    assert document.title == "Ferry  returns"
    assert document.paragraphs == ("a b", "c d", "e  f")
    assert document.sources == (document.url,) == ("https://harbour.example/",)
    assert document.text == "a b\nc d\ne  f"
    render(document).encode()
    with pytest.raises(UrlError):
        Document.fetched(url="nowhere", paragraphs=[])


def test_a_document_without_url_cannot_be_titled():
    document = parse("A.\n\nB.")
    assert render(document, Layout.TITLED) == " date 0000-00-00 \n\n\n\nA.\n\nB.\n\n"
    with pytest.raises(ValueError, match="sideways"):
        render(document, "sideways")


def test_equality_is_of_what_was_read_not_of_how_it_was_written():
    assert parse("A.\n\nB.") == parse("A.\r\n\r\n\r\nB.\n", name="x")
    assert parse("A.") != parse("B.")


def test_ids():
    assert document_id("ü") == document_id("ü".encode())
    assert re.fullmatch("[0-9a-f]{16}", document_id(""))
    assert document_id("a\n") != document_id("a\r\n")
    assert document_id("\ud800") != document_id("")
    assert web_document_id(HARBOUR) == web_document_id(f"{HARBOUR}?utm_source=x#y") != document_id(HARBOUR)


@pytest.mark.parametrize(
    "text",
    [
        "A.\n\nSources: " + ", ".join(f"https://harbour.example/{i}" for i in range(10_000)),
        f"T\n20310304\n{HARBOUR}\n" + "\n".join(f"https://harbour.example/{i}" for i in range(30_000)),
        "A.\n\nSources: https://a.example/" + ")" * 400_000,
        "A.\n\nSources: https://a.example/" + "," * 400_000 + "https://b.example",
        "A.\n\nSources: " + "<https://a" * 40_000,
        "A.\n\nSources: " + "https" * 200_000,
        " " * 400_000 + "date" + " " * 400_000,
        "\r\n" * 300_000 + "Source" + " " * 300_000,
    ],
    ids=["footer", "lines", "brackets", "commas", "angles", "schemes", "blanks", "line-ends"],
)
def test_large_texts_are_read_in_linear_time(text: str):
    began = time.process_time()
    document = parse(text)
    assert time.process_time() - began < 10
    assert render(document) == text


def test_ten_thousand_addresses_are_all_read():
    document = parse("Sources: " + "\n".join(f"https://harbour.example/{i}" for i in range(10_000)))
    assert len(document.sources) == 10_000
    assert document.url == "https://harbour.example/0"
