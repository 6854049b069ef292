"""Canonical addresses: one article under three addresses is one document, two articles are never one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from wireroom.canonical import choose
from wireroom.markup import read_markup

SITE = "https://www.example.org"
OWN = SITE + "/news/2026/03/sea-wall-rises-again-48213"
TITLE = "Sea wall rises again"

TAKEN = {
    "itself": (OWN, OWN),
    "without the tracker": (OWN + "?utm_source=feed", OWN),
    "another host of the site": ("https://amp.example.org/news/48213", OWN),
    "a subdomain's article on the main host": ("https://harbour.example.org/sea-wall-rises-again-48213", OWN),
    "amp": (OWN + "/amp", OWN),
    "print": (OWN + "/print", OWN),
    "html for slash": (SITE + "/a/sea-wall-rises-again.html", SITE + "/a/sea-wall-rises-again"),
    "moved in the tree": (SITE + "/region/sea-wall-rises-again-48213", OWN),
    "a number for a slug": (SITE + "/?p=48213", OWN),
    "a script for a slug": (SITE + "/story.php?id=12", OWN),
    "a slug for a number, same number": (OWN, SITE + "/s/48213"),
    "number and slug for the number": (SITE + "/story/48213/sea-wall-rises", SITE + "/story/48213"),
    "another slug, named by the title": (
        SITE + "/news/council-votes-on-dyke",
        SITE + "/news/sea-wall-rises-again",
    ),
    "relative": (OWN + "?share=mail", "/news/2026/03/sea-wall-rises-again-48213"),
    "home of home": (SITE + "/?ref=x", SITE + "/"),
    "section of section": (SITE + "/harbour/?sort=new", SITE + "/harbour/"),
    "short paths tell nothing": (SITE + "/news/sea-wall", SITE + "/a"),
    "both second pages": (OWN + "?page=2&x=y", OWN + "?page=2"),
    "not latin": (SITE + "/новости/море-и-стена-48213", SITE + "/news/48213"),
}
LEFT = {
    "home": (OWN, SITE + "/"),
    "home without slash": (OWN, SITE),
    "index file": (OWN, SITE + "/index.html"),
    "another host's home": (OWN, "https://m.example.org/"),
    "section": (OWN, SITE + "/news/"),
    "another section": (OWN, SITE + "/harbour"),
    "section with words, above it": (
        SITE + "/us-and-canada-news/sea-wall-rises-again",
        SITE + "/us-and-canada-news",
    ),
    "year": (OWN, SITE + "/news/2026"),
    "month": (OWN, SITE + "/news/2026/03/"),
    "the script without its number": (SITE + "/story.php?id=48213", SITE + "/story.php"),
    "home without its number": (SITE + "/?p=48213", SITE + "/"),
    "another article": (OWN, SITE + "/news/2026/03/ferry-orders-electric-boats-47001"),
    "another number": (SITE + "/news/48213", SITE + "/news/47001"),
    "next part of a series": (SITE + "/morning-briefing-today-48213", SITE + "/morning-briefing-today-47001"),
    "first page": (OWN + "?page=2", OWN),
    "first page in the path": (OWN + "/page/3", OWN),
    "another site": (OWN, "https://evil.example/news/2026/03/sea-wall-rises-again-48213"),
    "another site that begins alike": (
        OWN,
        "https://www.example.org.evil.example/sea-wall-rises-again-48213",
    ),
    "another owner under a public suffix": (
        "https://a.github.io/sea-wall-rises-again",
        "https://b.github.io/sea-wall-rises-again",
    ),
    "user and password": (OWN, "https://user:word@www.example.org/news/2026/03/sea-wall-rises-again-48213"),
    "script": (OWN, "javascript:alert(1)"),
    "broken": (OWN, "http://[::1"),
    "empty": (OWN, " "),
    "too long": (OWN, OWN + "?" + "a" * 3_000),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str):
    url, declared = TAKEN[name]
    found = choose(url, [declared], title=TITLE)
    assert found is not None
    assert found.endswith((declared, declared.partition("://")[2]))


@pytest.mark.parametrize("name", LEFT)
def test_left(name: str):
    url, declared = LEFT[name]
    assert choose(url, [declared], title="Harbour News") is None


def test_the_second_witness_is_asked_when_the_first_cannot_be_right():
    assert choose(OWN + "?x=1", [SITE + "/", OWN]) == OWN


def test_two_witnesses_make_another_slug_the_pages_own():
    other = SITE + "/2026/dyke-higher-soon-91234"
    assert choose(OWN, [other]) is None
    assert choose(OWN, [other, other]) == other
    assert choose(OWN, [other], told=["/2026/dyke-higher-soon-91234"]) == other
    assert choose(OWN, [SITE + "/news/", SITE + "/news/"], told=[SITE + "/news/"]) is None


def test_an_address_it_was_reached_over_is_proven_equal():
    moved = "https://harbour.example/sea-wall-rises-again"
    assert choose(OWN, [moved]) is None
    assert choose(OWN, [moved], known=(moved,)) == moved
    assert choose(OWN, ["https://harbour.example/another"], known=(moved,)) is None


def test_a_page_is_read_with_all_its_witnesses():
    head = (
        f'<link rel="canonical" href="{SITE}/"><meta property="og:url" content="{OWN}"><title>{TITLE}</title>'
    )
    tree = document_fromstring(f"<html><head>{head}</head><body><p>x</p></body></html>")
    assert read_markup(tree, OWN + "?from=feed").canonical == OWN


def test_what_the_header_declares_is_a_witness_under_the_same_rules():
    def read(head: str, *links: str, title: str = TITLE) -> str | None:
        tree = document_fromstring(
            f"<html><head>{head}<title>{title}</title></head><body><p>x</p></body></html>"
        )
        return read_markup(tree, OWN + "?from=feed", (), links).canonical

    assert read("", OWN) == OWN
    assert read("", "https://evil.example/news/2026/03/sea-wall-rises-again-48213") is None
    assert read("", SITE + "/") is None
    assert read(f'<link rel="canonical" href="{SITE}/">', OWN) == OWN
    other = SITE + "/2026/dyke-higher-soon-91234"
    assert read(f'<link rel="canonical" href="{other}">', title="") is None
    assert read(f'<link rel="canonical" href="{other}">', other, title="") == other
    assert read(f'<link rel="canonical" href="{OWN}">', OWN + "/amp") == OWN


def test_articles_of_a_template_with_one_address_stay_apart():
    addresses = [f"{SITE}/news/{n}/story-number-{n}-of-many" for n in range(10_000, 10_020)]
    for declared in (SITE + "/", SITE + "/news", SITE + "/news/", "/", "/index.php", addresses[0]):
        found = {choose(url, [declared], title="Harbour News") or url for url in addresses}
        assert len(found) == len(addresses), declared


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_raise(declared: str, path: str):
    found = choose(OWN, [declared, "/" + path, "?" + path], known=(path,), told=(declared,), title=path)
    assert found is None or found.startswith("http")
