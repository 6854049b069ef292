"""Feeds and sitemaps as they are in the wild: what they say is read, what is broken is read as far as it goes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.errors import Reason, WorkError
from wireroom.feeds import read
from wireroom.sitemaps import MOST_CHILDREN, due
from wireroom.syndication import Child, Feed, Item, when

if TYPE_CHECKING:
    from pathlib import Path

AT = "https://gull.example/feeds/all.xml"


def of(text: str | bytes, content_type: str | None = None, **options: int) -> Feed:
    return read(text.encode() if isinstance(text, str) else text, content_type, AT, **options)


def rss(*items: str, head: str = "") -> Feed:
    return of(
        f"<rss version='2.0'><channel>{head}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    )


def only(feed: Feed) -> Item:
    (item,) = feed.items
    return item


def links(feed: Feed) -> list[str]:
    return [item.url for item in feed.items]


def not_a_feed(body: str | bytes) -> str:
    with pytest.raises(WorkError) as caught:
        of(body)
    assert caught.value.reason is Reason.NOT_A_FEED
    return caught.value.detail


# --- the formats ---


def test_rss_2():
    feed = of(
        """<?xml version="1.0"?>
        <rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
          <title>The Gull &amp; Anchor</title><link>https://gull.example/</link><ttl>30</ttl>
          <image><title>Logo</title><link>https://gull.example/logo</link></image>
          <item><title>Ferry back in service</title><link>https://gull.example/ferry</link>
            <pubDate>Sun, 04 May 2031 10:15:00 +0200</pubDate></item>
          <item><title>Fog</title><link>https://gull.example/fog</link><dc:date>2031-05-03T08:00Z</dc:date></item>
        </channel></rss>"""
    )
    assert (feed.format, feed.title, feed.wish, feed.skipped, feed.cut) == (
        "rss",
        "The Gull & Anchor",
        1800,
        0,
        False,
    )
    assert [(item.title, item.published.value if item.published else None) for item in feed.items] == [
        ("Ferry back in service", "2031-05-04T10:15:00+02:00"),
        ("Fog", "2031-05-03T08:00+00:00"),
    ]


def test_rss_1_and_0_9():
    feed = of(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
          xmlns:s="http://purl.org/rss/1.0/modules/syndication/">
          <channel rdf:about="https://gull.example/"><title>Gull</title><s:updatePeriod>daily</s:updatePeriod>
            <s:updateFrequency>4</s:updateFrequency>
            <items><rdf:Seq><rdf:li resource="https://gull.example/1"/></rdf:Seq></items></channel>
          <item rdf:about="https://gull.example/1"><title>One</title><link>https://gull.example/1</link></item>
          <item rdf:about="https://gull.example/2"><title>Two</title></item>
        </rdf:RDF>"""
    )
    assert (feed.format, feed.title, feed.wish) == ("rss", "Gull", 21600)
    assert links(feed) == ["https://gull.example/1", "https://gull.example/2"]


def test_atom_with_bases_and_many_links():
    feed = of(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/news/"><title type="text">Gull</title>
        <link rel="self" href="self.xml"/>
        <entry xml:base="2031/"><title type="html">Fog &lt;b>thick&lt;/b></title><id>urn:fog</id>
          <link rel="enclosure" type="audio/mpeg" href="fog.mp3"/><link rel="replies" href="fog/replies"/>
          <link rel="alternate" type="application/json" href="fog.json"/><link href="fog"/>
          <published>2031-05-03</published><updated>2031-05-04T10:15:30.5+02:00</updated>
          <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><link href="no"/><title>no</title></div></content>
          <source><title>Another</title><link href="other"/></source>
        </entry></feed>"""
    )
    item = only(feed)
    assert (feed.format, item.url, item.title) == ("atom", "https://gull.example/news/2031/fog", "Fog thick")
    assert item.published
    assert item.updated
    assert (item.published.value, item.updated.value) == ("2031-05-03", "2031-05-04T10:15:30+02:00")


def test_atom_under_a_prefix():
    feed = of(
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Gull</a:title>'
        '<a:entry><a:title>Fog</a:title><a:link href="/fog"/><a:updated>2031-05-04T10:00:00Z</a:updated></a:entry></a:feed>'
    )
    assert (feed.title, only(feed).url, only(feed).title) == ("Gull", "https://gull.example/fog", "Fog")


def test_json_feed():
    feed = of(
        '\ufeff {"version": "https://jsonfeed.org/version/1.1", "title": "Gull", "items": ['
        '{"id": "1", "url": "/fog", "title": "Fog", "date_published": "2031-05-04T10:00:00+02:00"},'
        '{"id": "https://gull.example/2", "external_url": "https://else.example/"},'
        '{"id": 3, "external_url": "https://else.example/3", "date_modified": 5}, {"id": "4"}, 5]}'
    )
    assert (feed.format, feed.title, feed.skipped) == ("json", "Gull", 2)
    assert links(feed) == ["https://gull.example/fog", "https://gull.example/2", "https://else.example/3"]


def test_a_news_sitemap():
    feed = of(
        """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
          xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:i="http://example/image">
        <url><loc> https://gull.example/fog?a=1&amp;b=2 </loc><lastmod>2031-05-04T11:00:00Z</lastmod>
          <n:news><n:publication><n:name>Gull</n:name><n:language>en</n:language></n:publication>
            <n:publication_date>2031-05-04</n:publication_date><n:title>Fog</n:title></n:news>
          <i:image><i:loc>https://gull.example/fog.jpg</i:loc></i:image></url>
        <url><lastmod>2031</lastmod></url></urlset>"""
    )
    item = only(feed)
    assert (feed.format, feed.skipped) == ("sitemap", 1)
    assert (item.url, item.title) == ("https://gull.example/fog?a=1&b=2", "Fog")
    assert item.published
    assert item.updated
    assert (item.published.value, item.updated.value) == ("2031-05-04", "2031-05-04T11:00:00+00:00")


def test_of_a_long_sitemap_the_newest_are_looked_at():
    urls = "".join(
        f"<url><loc>https://gull.example/{n}</loc><lastmod>2031-05-{1 + n * 3 % 28:02d}</lastmod></url>"
        for n in range(28)
    )
    feed = of(f"<urlset>{urls}</urlset>", most=3)
    assert feed.cut
    assert sorted(item.updated.value for item in feed.items if item.updated) == [
        "2031-05-26",
        "2031-05-27",
        "2031-05-28",
    ]


def test_a_sitemap_index_and_which_of_it_are_asked_for():
    feed = of(
        "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2031-05-01</lastmod></sitemap>"
        "<sitemap><loc>/b.xml.gz</loc><lastmod>2031-05-04</lastmod></sitemap><sitemap><loc>mailto:x</loc></sitemap></sitemapindex>"
    )
    assert (feed.format, feed.items, feed.skipped) == ("index", (), 1)
    assert [child.url for child in feed.children] == [
        "https://gull.example/a.xml",
        "https://gull.example/b.xml.gz",
    ]
    assert [child.url for child in due(feed.children, {})] == [child.url for child in reversed(feed.children)]
    assert [child.url for child in due(feed.children, {"https://gull.example/b.xml.gz": "2031-05-04"})] == [
        "https://gull.example/a.xml"
    ]


def test_of_many_sitemaps_without_dates_those_called_news_come_first():
    children = [Child(f"https://gull.example/{n}.xml") for n in range(30)]
    chosen = due([*children, Child("https://gull.example/News.xml")], {})
    assert [child.url for child in chosen] == [
        "https://gull.example/News.xml",
        *(child.url for child in children[: MOST_CHILDREN - 1]),
    ]


def test_a_sitemap_as_a_text_file():
    feed = of("\ufeffhttps://gull.example/1\r\nhttps://gull.example/2\n\nhttps://gull.example:x/\n", most=3)
    assert (feed.format, links(feed), feed.skipped) == (
        "sitemap",
        ["https://gull.example/1", "https://gull.example/2"],
        1,
    )
    assert of("https://gull.example/1\nhttps://gull.example/2", most=1).cut


# --- what is broken, and read all the same ---


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link>https://gull.example/a?x=1&y=2&copy=3</link>", "https://gull.example/a?x=1&y=2&copy=3"),
        ("<link>https://gull.example/a?x=1&amp;y=2</link>", "https://gull.example/a?x=1&y=2"),
        ("<link><![CDATA[https://gull.example/a?x=1&y=2]]></link>", "https://gull.example/a?x=1&y=2"),
        ("<link>\n  https://gull.example/a\n</link>", "https://gull.example/a"),
        ("<link>/a#top</link>", "https://gull.example/a"),
        ("<link>https://gull.example/a?utm_source=rss&id=4&fbclid=z</link>", "https://gull.example/a?id=4"),
        ("<guid>https://gull.example/a</guid>", "https://gull.example/a"),
        ("<guid isPermaLink='true'>https://gull.example/a</guid><link></link>", "https://gull.example/a"),
        ("<link>javascript:go()</link><guid>https://gull.example/a</guid>", "https://gull.example/a"),
        ("<link/><atom:link href='https://gull.example/a'/>", "https://gull.example/a"),
        ("<link>https://feeds.example/~r/1</link><feedburner:origLink>https://gull.example/a</feedburner:origLink>", "https://gull.example/a"),
        ("<title>No end<link>https://gull.example/a</link>", "https://gull.example/a"),
        ("<description>fog <br> <p> & <link>https://gull.example/no</link></description><link>https://gull.example/a</link>", "https://gull.example/a"),
        ("<content:encoded><![CDATA[<item><link>https://gull.example/no</link></item>]]></content:encoded><link>/a</link>", "https://gull.example/a"),
        ("<!-- <link>https://gull.example/no</link> --><link>https://gull.example/a</link>", "https://gull.example/a"),
        ("<LINK>https://gull.example/a</LINK>", "https://gull.example/a"),
        ("<p a='>'>4 < 5</p><link>https://gull.example/a</link>", "https://gull.example/a"),
        ("<link>https://gull.example/\u00fc b</link>", "https://gull.example/%C3%BC%20b"),
        ("<link>https://g&#252;ll.example/a</link>", "https://xn--gll-hoa.example/a"),
    ],
)  # fmt: skip
def test_the_address_of_an_item(item: str, url: str):
    assert only(rss(f"<title>Fog</title>{item}")).url == url


@pytest.mark.parametrize(
    "item",
    [
        "",
        "<title>Fog</title>",
        "<guid isPermaLink='false'>https://gull.example/a</guid>",
        "<guid>gull-4711</guid>",
        "<link>ftp://gull.example/a</link>",
        "<link>https://user:word@gull.example/a</link>",
        "<link>https://gull.example:port/</link>",
        "<link>http://</link>",
        f"<link>https://gull.example/{'a' * 9000}</link>",
    ],
)
def test_an_item_without_an_address_is_counted_and_left_out(item: str):
    feed = rss(item, "<link>https://gull.example/b</link>")
    assert (links(feed), feed.skipped) == (["https://gull.example/b"], 1)


def test_an_address_that_comes_twice_is_one_item():
    feed = rss(*(f"<title>{n}</title><link>https://gull.example/a?utm_medium={n}</link>" for n in range(3)))
    assert (only(feed).title, feed.skipped) == ("0", 0)


def test_items_that_are_not_closed_and_a_feed_that_is_cut_off():
    begun = "<rss><channel><item><link>/a</link><item><link>/b</link></item><item><title>C</title><link>https://gull.exam"
    assert links(of(begun)) == ["https://gull.example/a", "https://gull.example/b"]


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("Fog &amp; ferries", "Fog & ferries"),
        ("Fog &amp;amp; ferries", "Fog & ferries"),
        ("Fog & ferries", "Fog & ferries"),
        ("Fog&nbsp;rises &harbour; &#8211; &#x1F600; &#0;", "Fog rises &harbour; \u2013 \U0001f600 \ufffd"),
        ("<![CDATA[Fog <i>rises</i>]]>", "Fog rises"),
        ("Fog\n   <b>rises</b>\x07 ", "Fog rises"),
        ("&#xD800;Fog", "Fog"),
        ("", None),
    ],
)
def test_a_title_is_one_line_of_text(title: str, read_as: str | None):
    assert only(rss(f"<title>{title}</title><link>/a</link>")).title == read_as


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sun, 04 May 2031 10:15:00 GMT", "2031-05-04T10:15:00+00:00"),
        ("Sun, 4 May 2031 10:15 EST", "2031-05-04T10:15:00-05:00"),
        ("04 May 31 10:15:00 +0200", "2031-05-04T10:15:00+02:00"),
        ("2031-05-04T10:15:00.000Z", "2031-05-04T10:15:00+00:00"),
        ("2031-05-04 10:15:00", "2031-05-04T10:15:00"),
        ("2031-05-04T10:15+05:30", "2031-05-04T10:15+05:30"),
        ("2031-05-04", "2031-05-04"),
        ("2031-05", "2031-05"),
        ("2031", "2031"),
    ],
)
def test_dates_as_feeds_write_them(text: str, value: str):
    found = when(f"\n {text} ")
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "32 May 2031",
        "2031-13-40",
        "0000-00-00",
        "Sun, 99 May 2031 99:99:99 GMT",
        "\u0664",
        "9" * 500,
    ],
)
def test_what_is_no_date_is_none(text: str):
    assert when(text) is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0' encoding='iso-8859-1'?>{}".encode("latin-1"), None),
        (b"{}", "text/xml; charset=iso-8859-1"),
    ],
)
def test_letters_in_old_encodings(body: bytes, content_type: str | None):
    feed = (
        "<rss><channel><item><title>Nebel \u00fcber Gr\u00fcnau</title><link>/a</link></item></channel></rss>"
    )
    assert (
        only(of(body.replace(b"{}", feed.encode("latin-1")), content_type)).title
        == "Nebel \u00fcber Gr\u00fcnau"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_letters_of_two_bytes(encoding: str):
    feed = "<rss><channel><item><title>Fog\u2026</title><link>/a</link></item></channel></rss>"
    assert only(of(feed.encode(encoding))).title == "Fog\u2026"


# --- what is no feed ---


def test_a_page_instead_of_a_feed_is_told_with_the_feeds_that_it_names():
    detail = not_a_feed(
        "<!DOCTYPE html><html><head><link rel='stylesheet' href='/s.css'><LINK REL='alternate home' TYPE='application/rss+xml'"
        " HREF='/rss.xml'><link rel=alternate type=application/atom+xml href=atom.xml><link rel=alternate hreflang=de href=/de>"
        "</head><body>Fog</body></html>"
    )
    assert (
        detail
        == "a page, no feed; the page names https://gull.example/rss.xml, https://gull.example/feeds/atom.xml"
    )
    assert not_a_feed("<html><p>Fog") == "a page, no feed"


@pytest.mark.parametrize(
    "body", ["Fog", "<svg/>", "[1, 2]", "{", '{"items": 5}', b"\x89PNG\r\n\x1a\n\0\0", "<", "<a " * 9, "]]>"]
)
def test_what_is_neither_feed_nor_page(body: str | bytes):
    assert not_a_feed(body)


@pytest.mark.parametrize("body", ["", " \n ", "\ufeff"])
def test_nothing_at_all(body: str):
    with pytest.raises(WorkError) as caught:
        of(body)
    assert caught.value.reason is Reason.EMPTY_PAGE


@pytest.mark.parametrize(
    "body",
    ["<rss/>", "<rss><channel><title>Gull</title></channel></rss>", "<feed/>", "<urlset/>", '{"items": []}'],
)
def test_an_empty_feed_is_a_feed(body: str):
    assert of(body).items == ()


# --- what is meant to harm ---


def test_entities_are_not_expanded_and_nothing_outside_is_read(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    feed = of(
        f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
        <!ENTITY c SYSTEM "{secret.as_uri()}"><!ENTITY % d SYSTEM "http://127.0.0.1/x.dtd"> %d; ]>
        <rss><channel><item><title>&b; &c;</title><link>https://gull.example/&a;</link></item></channel></rss>"""
    )
    assert only(feed).title == "&b; &c;"
    assert only(feed).url == "https://gull.example/&a;"


HOSTILE = {
    "a billion laughs": "<!DOCTYPE r [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 50}">' for n in range(1, 500)) + "]><rss>&l9;",
    "deep nesting": "<rss>" + "<a>" * 150_000 + "</b>" * 150_000,
    "quotes without an end": "<rss>" + '<a "' * 250_000,
    "signs": "<rss>" + "<" * 300_000,
    "ampersands": "<rss><channel><title>" + "&" * 2_000_000,
    "comments": "<rss>" + "<!--" * 250_000,
    "document types": "<rss>" + "<!DOCTYPE a [" * 150_000 + "<!D [>" * 150_000,
    "sections": "<rss>" + "<![CDATA[" * 200_000,
    "attributes": "<rss><channel><item " + 'a="b" ' * 300_000 + ">",
    "a long name": "<rss><channel><item " + "a" * 2_000_000 + ">",
    "a title of elements": "<rss><channel><item><title>" + "<b>x" * 150_000 + "</title></item>",
    "items": "<rss><channel>" + "<item><link>/a</link></item>" * 100_000,
    "addresses": "<urlset>" + "<url><loc>https://gull.example/</loc><lastmod>2031-05-04</lastmod></url>" * 30_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_takes_more_than_its_length_in_time(name: str):
    begun = time.process_time()
    feed = of(HOSTILE[name])
    assert time.process_time() - begun < 3
    assert len(feed.items) <= 1


SEEDS = (
    "<rss><channel xml:base='/x'><ttl>5</ttl><item><title>A &amp; b</title><link>/a?x=1&y=2</link><pubDate>Sun, 04 May 2031 10:15:00 GMT</pubDate></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry xml:base='y/'><link rel='alternate' href='a'/><updated>2031-05-04T10:15Z</updated></entry></feed>",
    "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://gull.example/</loc><n:news><n:title>T</n:title></n:news></url></urlset>",
    '{"items": [{"url": "/a", "date_published": "2031-05-04T10:15:00Z", "title": "\\ud83d\\ude00"}]}',
    "<!DOCTYPE html><html><link rel=alternate type=application/rss+xml href=/rss>",
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.text(max_size=9)), max_size=8),
)
def test_whatever_is_damaged_nothing_but_a_reason_comes_of_it(seed: str, changes: list[tuple[int, int, str]]):
    for at, length, text in changes:
        seed = seed[:at] + text + seed[at + length :]
    body = seed.encode("utf-8", "surrogatepass")
    for data in (body, body[::-1], seed.encode("utf-16", "surrogatepass")):
        try:
            feed = of(data)
        except WorkError as error:
            assert error.reason in {Reason.NOT_A_FEED, Reason.EMPTY_PAGE}  # noqa: PT017 - most are whole
        else:
            assert all(item.url.startswith("http") and item.url.isascii() for item in feed.items)
            assert all((item.title or "x").isprintable() for item in feed.items)


def test_a_hundred_thousand_items_are_cut():
    items = "".join(f"<item><link>https://gull.example/{n}</link></item>" for n in range(100_000))
    feed = of(f"<rss><channel>{items}</channel></rss>", most=1000)
    assert (len(feed.items), feed.cut) == (1000, True)


def test_a_feed_of_five_megabytes():
    words = "&lt;p&gt;fog over the harbour&lt;/p&gt; " * 130
    items = "".join(f"<item><link>/{n}</link><description>{words}</description></item>" for n in range(1000))
    feed = of(f"<rss><channel>{items}</channel></rss>")
    assert len(items) > 5_000_000
    assert (len(feed.items), feed.cut) == (1000, False)
