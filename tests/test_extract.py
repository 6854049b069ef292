"""Pages that are hard to read, and pages that are no pages. All of them are invented."""
# ruff: noqa: RUF001, PT017 - other scripts are the point of some pages; either outcome is right, but no other error

import sys
import time
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.charset import decode
from wireroom.errors import Reason, WorkError
from wireroom.extract import Article, Page, extract
from wireroom.pagecheck import look
from wireroom.plaintext import one_line

FETCHED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
URL = "https://www.example.org/news/sea-wall"
SENTENCE = "The harbour council sat until late and spoke of the sea wall, the ferries and the price of salt."
BODY = "".join(f"<p>{n}. {SENTENCE}</p>" for n in range(8))


def page(html: str | bytes, content_type: str | None = "text/html; charset=utf-8", url: str = URL) -> Page:
    return Page(
        html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass"),
        url,
        content_type,
        None,
        FETCHED,
    )


def article(head: str = "", body: str = BODY, title: str = "Sea wall rises | Harbour News") -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>Sea wall rises</h1>{body}</article><footer>All rights reserved</footer></body></html>"
    )


def refused(page: Page) -> WorkError:
    with pytest.raises(WorkError) as caught:
        extract(page)
    return caught.value


@pytest.mark.parametrize("mode", ["best", "fast"])
def test_an_article_comes_whole(mode: str):
    found = extract(page(article()), mode=mode)  # type: ignore[arg-type]
    assert found.title == "Sea wall rises"
    assert found.paragraphs == tuple(f"{n}. {SENTENCE}" for n in range(8))
    assert found.site == "example.org"
    assert found.version.endswith(mode)
    assert found.warnings == ()


def test_what_the_page_says_about_itself():
    head = (
        '<meta property="og:title" content="Sea wall rises &#x2d; Harbour News"><meta property="og:site_name" content="Harbour News">'
        '<meta name="description" content=" The wall \n grows. "><meta name="author" content="By Ada Tern">'
        '<link rel="canonical" href="/news/sea-wall?id=7#top">'
    )
    found = extract(page(article(head)))
    assert (found.title, found.author, found.site) == ("Sea wall rises", "Ada Tern", "Harbour News")
    assert found.description == "The wall grows."
    assert found.canonical_url == "https://www.example.org/news/sea-wall?id=7"


def test_authors_of_structured_data():
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Sea wall rises",'
        '"author":[{"@type":"Person","name":"Ada Tern"},{"@type":"Person","name":"Bo Skua"}],'
        '"publisher":{"@type":"Organization","name":"Harbour News"}}</script>'
    )
    found = extract(page(article(head)))
    assert found.author == "Ada Tern; Bo Skua"
    assert found.site == "Harbour News"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("http://m.example.org/a", "http://m.example.org/a"),
        ("//amp.example.org/a", "https://amp.example.org/a"),
        ("https://evil.example/a", None),
        ("https://example.org.evil.example/a", None),
        ("javascript:alert(1)", None),
        ("http://[::1", None),
        ("https://www.example.org/", None),
        ("", None),
    ],
)
def test_a_canonical_address_is_one_of_the_same_site(href: str, expected: str | None):
    assert (
        extract(page(article(f'<link rel="canonical" href="{href}">')), mode="fast").canonical_url == expected
    )


@pytest.mark.parametrize(
    "reference", ["&#27;", "&#x1b;", "&#0;", "&#xd83d;", "&#xFFFF;", "&#1114112;", "\x1b", "\x00", "&#7"]
)
def test_a_control_character_does_not_lose_the_article(reference: str):
    found = extract(
        page(article(body=BODY + f"<p>The tide{reference} came in and the boats went out again at noon.</p>"))
    )
    assert len(found.paragraphs) == 9
    assert all(p == one_line(p) for p in found.paragraphs)


def test_references_of_old_pages_mean_windows_1252():
    found = extract(
        page(
            article(body=BODY + "<p>It&#146;s the harbour&#x92;s own wall, and it cost 9 &#128; a stone.</p>")
        )
    )
    assert found.paragraphs[-1] == "It\u2019s the harbour\u2019s own wall, and it cost 9 \u20ac a stone."


def test_paragraphs_are_single_lines_without_overrides():
    odd = "<p>The \u202eboat\u2066 left\u2028the\x85har&shy;bour\u200b at\ufeff five in the morning, as always.<br>It came back.</p>"
    found = extract(page(article(body=BODY + odd)))
    assert found.paragraphs[-2:] == (
        "The boat left the harbour at five in the morning, as always.",
        "It came back.",
    )


def test_it_crosses_to_another_process_as_json():
    found = extract(page(article('<meta property="article:published_time" content="2026-03-04T10:15:00Z">')))
    assert found.candidates
    assert Article.from_data(orjson.loads(orjson.dumps(found.to_data()))) == found


def test_the_result_does_not_depend_on_earlier_pages():
    first = extract(page(article()))
    for n in range(6):
        extract(page(article(title=f"Another {n}"), url=f"https://example.org/{n}"))
    assert extract(page(article())) == first


NO_PAGES = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "text/html"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 50, "text/html"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "text/plain"),
    "zip": (b"PK\x03\x04" + b"\0" * 60, None),
    "gzip": (b"\x1f\x8b\x08\x00" + b"\0" * 60, "text/html"),
    "json": (b' {"a": [1, 2]} ', "text/html"),
    "rss": (b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>", "text/html"),
    "svg": (b"<svg xmlns='x'><title>x</title></svg>", "image/svg+xml"),
    "binary": (bytes(range(256)) * 8, "text/html"),
    "css": (b"body { color: red }", "text/css"),
    "mp4": (b"\0\0\0\x18ftypmp42" + b"\0" * 40, None),
}


@pytest.mark.parametrize("name", NO_PAGES)
def test_what_is_no_page_is_told_by_its_bytes(name: str):
    body, content_type = NO_PAGES[name]
    assert refused(page(body, content_type)).reason is Reason.UNSUPPORTED_TYPE


@pytest.mark.parametrize("body", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_is_an_empty_page(body: bytes):
    assert refused(page(body)).reason is Reason.EMPTY_PAGE


@pytest.mark.parametrize(
    "html",
    [
        "<html></html>",
        "<html><head><title>x</title></head><body><div></div></body></html>",
        "<br>",
        "<html><body>\u2026 — !</body>",
    ],
)
def test_a_page_without_text(html: str):
    assert refused(page(html)).reason is Reason.NO_TEXT


def test_a_page_with_a_wrong_type_is_a_page():
    assert extract(page(article(), "application/pdf")).title == "Sea wall rises"


def test_plain_text_keeps_its_paragraphs():
    found = extract(page("First line\r\nof a paragraph.\r\n\r\n Second <b>one</b>\x1b[2J.\r\n", "text/plain"))
    assert found.paragraphs == ("First line of a paragraph.", "Second <b>one</b>[2J.")
    assert found.title is None
    assert "plain_text" in found.warnings


WORDS = {
    "utf-8": "Größe und Mühe: die Fähre fährt über den Fluß zurück nach Süden, sagte der Bürgermeister.",
    "windows-1252": "Größe und Mühe – die Fähre fährt „über“ den Fluß zurück nach Süden, sagte der Bürgermeister.",
    "windows-1251": "Начальник порта сказал, что паромы останутся в гавани, пока не пройдёт шторм на море.",
    "shift_jis": "港の責任者は、嵐が過ぎるまでフェリーは港にとどまると述べた。港の町は静かだった。",
    "gb2312": "港口负责人表示，渡轮将停留在港内，直到风暴过去。城市里很安静。",
    "euc-kr": "항구 책임자는 폭풍이 지나갈 때까지 여객선이 항구에 머물 것이라고 말했다.",
}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("where", ["header", "meta", "nowhere"])
def test_the_charset_is_found(name: str, where: str):
    head = f"<meta charset='{name}'>" if where == "meta" else ""
    html = f"<html><head>{head}<title>x</title></head><body>" + f"<p>{WORDS[name]}</p>" * 6 + "</body></html>"
    found = decode(html.encode(name), f"text/html; charset={name}" if where == "header" else "text/html")
    assert WORDS[name] in found.text
    assert found.guessed is (where == "nowhere" and name != "utf-8")


def test_byte_order_marks_win():
    html = f"<html><body><p>{WORDS['utf-8']}</p></body></html>"
    for mark, name in (("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")):
        found = decode((mark + html).encode(name), "text/html; charset=windows-1251")
        assert found.text == html


def test_one_bad_byte_does_not_turn_the_page_into_another_charset():
    found = decode(WORDS["utf-8"].encode() + b" \xff ", "text/html; charset=utf-8")
    assert WORDS["utf-8"] in found.text
    assert not found.guessed


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            None,
            "hex",
            "utf-7",
            "zlib",
            "rot13",
            "unicode_escape",
            "x-unknown",
            "utf-16",
            "big5",
            "idna",
            "punycode",
        ]
    ),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_with_any_label_decode(body: bytes, label: str | None):
    text = decode(body, label and f"text/html; charset={label}").text
    text.encode()
    assert isinstance(text, str)


@given(st.text(alphabet=st.sampled_from("<>/=\"' \n&#;x1b0aphtml!-[]{}\x00\u202e\ud83dé"), max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_markup_is_an_article_or_a_reason(text: str):
    try:
        found = extract(page("<html><body>" + text), mode="fast")
    except WorkError as error:
        assert error.reason in {
            Reason.NO_TEXT,
            Reason.EMPTY_PAGE,
            Reason.UNSUPPORTED_TYPE,
            Reason.EXTRACTION_ERROR,
        }
    else:
        assert found.paragraphs
        assert all(p and p == one_line(p) for p in found.paragraphs)


LOAD_TESTS = {
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(40_000)) + ">x</p>",
    "attributes behind quotes": '<p "><b ' + " ".join(f"a{i}" for i in range(40_000)) + ' ">x</b>',
    "many tags with attributes": ("<p " + " ".join(f"a{i}" for i in range(1_000)) + ">x</p>") * 500,
    "elements": "<p>" * 100_000,
}


@pytest.mark.parametrize("name", LOAD_TESTS)
def test_load_tests_are_refused_before_the_parse(name: str):
    start = time.process_time()
    error = refused(page("<html><body>" + LOAD_TESTS[name] + BODY))
    assert error.reason is Reason.EXTRACTION_ERROR
    assert "refused" in error.detail
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "unit", ["<a ", '<a ="', "<a ='", '<a "><b x', "<", "<a =    ", "</p>", "<!--", "<script>"]
)
def test_the_look_is_linear(unit: str):
    text = unit * (4_000_000 // len(unit))
    start = time.process_time()
    try:
        look(text)
    except WorkError as error:
        assert error.reason is Reason.EXTRACTION_ERROR
    assert time.process_time() - start < 5


def test_deep_nesting_neither_crashes_nor_goes_unsaid():
    html = article(body=BODY + "<div>" * 5_000 + "deep" + "</div>" * 5_000)
    found = extract(page(html))
    assert found.paragraphs[0] == f"0. {SENTENCE}"
    assert "nested_too_deep" in found.warnings
    assert sys.getrecursionlimit() < 5_000


def test_a_long_attribute_is_no_load_test():
    html = article(body=f"<div data-state='{'word ' * 20_000}'></div>" + BODY)
    assert len(extract(page(html)).paragraphs) == 8


def test_comments_of_readers_are_not_the_article():
    comments = '<div id="comments" class="comments"><p>First! I have never read such a fine piece about any wall at all.</p></div>'
    found = extract(page(article(body=BODY + comments)))
    assert not any("First!" in p for p in found.paragraphs)
