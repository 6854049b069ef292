"""The laws of the file format, hunted with texts made of everything that has ever confused a parser of it."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from wireroom.document import Document, decode, parse, render
from wireroom.errors import UrlError
from wireroom.layouts import BOM, Layout
from wireroom.urls import check

LINE_ENDS = ("\n", "\r\n", "\r")
NO_LINE_ENDS = ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
BLANKS = (" ", "\t", "\xa0", "\u3000", "   ")
ODD = (
    "\ufeff",
    "\u202e",
    "\u2067",
    "\u200b",
    "\u00ad",
    "e\u0301",
    "\U0001f4f0",
    "ß",
    "\x1b[31m",
    "\x00",
    "\x7f",
)
URLS = (
    "https://harbour.example/a",
    "http://harbour.example",
    "HTTPS://Harbour.EXAMPLE/A?b=1&c#d",
    "https://harbour.example/wiki_(bridge)",
    "https://harbour.example/0,1518,22.html",
    "https://harbour.example/a,http://other.example/b",
    "https://harbour.example/a|b;c",
    "https://harbour.example/end.",
    "https://harbour.example/q?",
    "https://harbour.example/'",
    "https://web.example/2020/https://harbour.example/",
    "https://bücher.example/ü",
    "http://[2001:db8::1]:8080/",
    "http://[::1",
    "http://",
    "http://user:word@harbour.example/",
    "ftp://harbour.example/",
)
MARKERS = (
    "Sources:",
    "Source:",
    "sources :",
    "SOURCES:",
    "Sources",
    "Sources: ",
    "Sources:\n",
    "Sources say:",
)
HEADERS = (
    "date 2021-12-15",
    " date 2021-12-15 ",
    "date 2021-13-40",
    "date 0000-00-00",
    "date 2021-12-15T10",
    "date 20211215",
    "date",
    "Date 2021-12-15",
    "20211216",
    "20211340",
    "00000000",
    "99999999",
    "２０２１１２１６",  # noqa: RUF001 - digits that are no ASCII digits
)
PROSE = (
    "The ferry sailed at noon.",
    "A title without an end",
    "wrapped line",
    "“Enough,” she said.",
    "x" * 130,
)
PUNCTUATION = (",", ";", "|", "<", ">", "(", ")", "[", "]", '"', "'", ".", ":", "*", "-", "1. ")

fragments = st.sampled_from(
    (*LINE_ENDS, "\n\n", *NO_LINE_ENDS, *BLANKS, *ODD, *URLS, *MARKERS, *HEADERS, *PROSE, *PUNCTUATION)
)
hazards = st.lists(fragments | st.text(max_size=6), max_size=14).map("".join)
whole_lines = st.lists(
    st.one_of(st.sampled_from((*HEADERS, *URLS, *PROSE, *MARKERS, "", " ")), hazards), max_size=8
)
texts = st.one_of(st.text(max_size=60), hazards, whole_lines.map("\n".join), whole_lines.map("\n\n".join))
"""Arbitrary text, soups of hazards, and texts that nearly are documents."""

prefixes = st.one_of(
    st.just(""),
    st.sampled_from(
        [" date 2021-12-15 \n\n\n\n", "date 2021-12-15 ", "T\n20211216\nhttps://harbour.example/a\n"]
    ),
)
footers = st.one_of(
    st.just(""),
    st.builds(
        lambda gap, marker, urls, glue, end: gap + marker + glue.join(urls) + end,
        st.sampled_from(["\n\n", "\n", "\n\n\n", " "]),
        st.sampled_from(MARKERS),
        st.lists(st.sampled_from(URLS), max_size=4),
        st.sampled_from([" ", ", ", ",", "\n", "; ", " | ", "> <", ") ("]),
        st.sampled_from(["", ".", ")", ">", "\n", "\n\n", " (accessed)"]),
    ),
)
documents_in_text = st.builds(lambda *parts: "".join(parts), prefixes, texts, footers)
"""Texts that mostly are documents, in all layouts."""

url_tails = st.text(alphabet="ab/?&=#%.,;:|()[]<>{}'\"!*~^`\\ü€«、" + "".join(ODD), max_size=12)
good_urls = st.one_of(
    st.sampled_from(URLS),
    st.builds(
        lambda scheme, host, tail: f"{scheme}://{host}/{tail}",
        st.sampled_from(["http", "https"]),
        st.sampled_from(["harbour.example", "harbour.example:8080", "[2001:db8::1]", "bücher.example"]),
        st.lists(
            st.one_of(url_tails, st.sampled_from([",http://", ";https://", "|http://"])), max_size=3
        ).map("".join),
    ),
)
dates = st.one_of(st.none(), st.dates(), st.just(dt.date(1, 1, 1)))


@st.composite
def fetched(draw: st.DrawFn) -> Document:
    url = draw(good_urls)
    try:
        check(url)
    except UrlError:
        assume(False)
    return Document.fetched(
        url=url,
        title=draw(st.none() | texts),
        date=draw(dates),
        paragraphs=draw(
            st.lists(st.one_of(texts, st.sampled_from((*HEADERS, *URLS, *PROSE)), footers), max_size=5)
        ),
        layout=draw(st.sampled_from(Layout)),
    )


@settings(max_examples=250, deadline=None)
@given(st.one_of(texts, documents_in_text))
@example("")
@example(BOM)
@example("T\r20211216\r\nhttps://harbour.example/\r\r\n")
def test_a_parsed_text_renders_to_itself(text: str):
    document = parse(text)
    assert render(document) == text
    assert render(document, document.layout) == text


@settings(max_examples=250, deadline=None)
@given(st.one_of(texts, documents_in_text))
def test_decoded_bytes_survive_to_the_byte(text: str):
    data = text.encode("utf-8", "ignore")
    assume(b"\0" not in data and data.decode().strip(BOM).strip())
    assert render(parse(decode(data, "n", len(data)))).encode() == data


@settings(max_examples=600, deadline=None)
@given(fetched(), st.sampled_from(Layout))
@example(Document.fetched(url=URLS[0], paragraphs=["date 2020-01-01"]), Layout.PLAIN)
@example(Document.fetched(url=URLS[0], paragraphs=["date 2020-13-01 rain"]), Layout.PLAIN)
@example(Document.fetched(url=URLS[0], paragraphs=["Sources: http://x.example/ said"]), Layout.TITLED)
@example(Document.fetched(url=URLS[0], paragraphs=["Sources:", "http://x.example/"]), Layout.TITLED)
@example(Document.fetched(url=URLS[0], paragraphs=["20200101", "http://x.example/"], title="T"), Layout.DATED)
@example(Document.fetched(url=URLS[0], paragraphs=[], title="date 2020-01-01"), Layout.TITLED)
@example(Document.fetched(url=URLS[0], paragraphs=["\ufeffdate 2020-01-01"], title="\ufeff"), Layout.PLAIN)
def test_a_fetched_document_survives_every_layout(document: Document, layout: Layout):
    again = parse(render(document, layout))
    assert again.paragraphs == document.paragraphs
    assert again.date == document.date
    assert again.url == document.url
    assert again.sources == document.sources
    assert again.broken_urls == ()
    assert again.warnings == ()
    assert again.text == document.text
    if layout is Layout.TITLED:
        assert again.title == document.title
    assert again.layout is (Layout.DATED if layout is Layout.PLAIN and document.date else layout) or (
        layout is Layout.PLAIN and document.paragraphs[0].startswith("date ")
    )
    event(f"{layout}, {len(document.paragraphs) > 0}")


@settings(max_examples=250, deadline=None)
@given(documents_in_text, st.sampled_from(Layout))
@example(f"T\n00000000\n{URLS[0]}\n{BOM}A.\n", Layout.PLAIN)
@example(f"T\n00000000\n{URLS[0]}/<a>.\nA.\n", Layout.DATED)
def test_a_parsed_document_with_a_url_can_change_its_layout(text: str, layout: Layout):
    document = parse(text)
    assume(document.url is not None)
    again = parse(render(document, layout))
    assert (again.date, again.paragraphs) == (document.date, document.paragraphs)
    assert [check(url) for url in again.sources] == [check(url) for url in document.sources]
    assert again.url == again.sources[0]
    event(f"{document.layout} to {layout}")


@settings(max_examples=250, deadline=None)
@given(documents_in_text, st.sampled_from(["\r\n", "\r"]), st.sampled_from(["", BOM]))
def test_line_ends_and_a_bom_change_nothing(text: str, end: str, bom: str):
    assume("\r" not in text and not text.startswith(BOM))
    assert parse(bom + text.replace("\n", end)) == parse(text)


@settings(max_examples=250, deadline=None)
@given(documents_in_text)
def test_what_parse_promises_of_every_document(text: str):
    document = parse(text)
    assert all(check(url) for url in document.sources)
    assert len({check(url) for url in document.sources}) == len(document.sources)
    assert document.url == (document.sources[0] if document.sources else None)
    assert ("invalid_url" in document.warnings) == bool(document.broken_urls)
    assert all(p == p.strip() != "" and "\n" not in p and "\r" not in p for p in document.paragraphs)


REAL = sorted(Path(__file__).resolve().parents[2].joinpath("shared", "documents").glob("*.txt"))


@pytest.mark.skipif(not REAL, reason="no folder of real documents here")
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name[:3])
def test_real_documents_keep_both_laws(path: Path):
    data = path.read_bytes()
    document = parse(decode(data, path.name, 1 << 20))
    assert render(document).encode() == data
    assert document.date is not None
    assert document.date.year == 2021
    assert document.layout in {Layout.DATED, Layout.TITLED}
    assert document.paragraphs
    assert document.warnings == ()
    for layout in Layout:
        again = parse(render(document, layout))
        assert (again.date, again.sources, again.paragraphs) == (
            document.date,
            document.sources,
            document.paragraphs,
        )
