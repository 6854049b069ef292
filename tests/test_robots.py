import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wireroom import robots
from wireroom.errors import UrlError

US = "wireroom"


def may(text: str | bytes, path: str, agent: str = US) -> bool:
    body = text.encode() if isinstance(text, str) else text
    return robots.parse(body).allowed(f"http://paper.example{path}", agent)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /private", "/private/a", False),
        ("Disallow: /private", "/public", True),
        ("Disallow:", "/a", True),
        ("Disallow: /\nAllow: /news/", "/news/a", True),
        ("Allow: /news/\nDisallow: /", "/news/a", True),
        ("Disallow: /a\nAllow: /a", "/a", True),  # equal length: allow wins (RFC 9309, 2.2.2)
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /*?print=", "/a?print=1", False),
        ("Disallow: /a%3cd.html", "/a%3Cd.html", False),
        ("Disallow: /é", "/%C3%A9", False),
        ("Disallow: /A", "/a", True),
        ("Disallow: / # everything", "/a", False),
        ("disallow /a", "/a", False),
        ("Dissallow: /a", "/a", False),
        ("nonsense\n\x00\nDisallow: /a", "/a", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /", "/robots.txt?x", True),
        ("Disallow: /", "/robots.txt.old", False),
    ],
)
def test_rules_are_matched_as_the_standard_says(rules: str, path: str, allowed: bool):  # noqa: FBT001
    assert may(f"User-agent: *\n{rules}\n", path) is allowed


def test_groups_are_chosen_by_whole_product_tokens():
    text = "User-agent: wire\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n\nUser-agent: WireRoom/2.0\nDisallow: /c\n"
    assert may(text, "/a")
    assert may(text, "/b")
    assert not may(text, "/c")
    assert not may(text, "/c", "Wireroom/0.1 (+https://paper.example/bot)")
    assert not may(text, "/a", "wire")
    assert not may(text, "/b", "roomservice")
    assert may(text, "/c", "roomservice")


def test_groups_of_one_agent_are_one_and_several_agents_share_a_group():
    text = "User-agent: wireroom\nDisallow: /a\n\nUser-agent: x\nUser-agent: wireroom\nDisallow: /b\n"
    assert not may(text, "/a")
    assert not may(text, "/b")
    assert may(text, "/a", "x")
    assert may(text, "/b", "y")


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n",
        b"User-agent: *\rDisallow: /a\r",
        b"User-agent: *\r\nDisallow: /a\r\n",
        b"User-agent: *\r\r\nDisallow: /a",
        "User-agent: *\nDisallow: /a\n".encode("utf-16"),
        b"  USER-AGENT :*  \n\tDisallow\t:\t/a  ",
        b"User-agent: *\x00\nDisallow: /a\x0c",
    ],
)
def test_marks_and_line_ends_do_not_hide_rules(body: bytes):
    assert not may(body, "/a")
    assert may(body, "/b")


def test_what_only_python_takes_for_a_line_end_is_part_of_the_path():
    assert not may("User-agent: *\nDisallow: /x\u2028Allow: /\n", "/x%E2%80%A8Allow:%20/")
    assert may("User-agent: *\nDisallow: /x\u2028Disallow: /\n", "/y")


def test_bytes_that_are_no_utf8_match_their_escapes():
    assert not may(b"User-agent: *\nDisallow: /caf\xe9\n", "/caf%E9")


def test_more_than_the_cap_is_not_read_and_no_half_line_counts():
    head, rule = b"User-agent: *\n", b"Disallow: /private/archive\n"
    filler = b"#" * (robots.MAX_BYTES - len(head) - 20) + b"\n"
    body = head + filler + rule + b"Disallow: /never\n"
    assert may(body, "/private/archive")
    assert may(body, "/never")
    assert not may(head + filler[: -len(rule)] + b"\n" + rule, "/private/archive")


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("2", 2.0),
        ("0.5", 1.0),
        ("1.2", 2.0),
        ("0", 0.0),
        ("ten", None),
        ("-1", None),
        ("inf", None),
        ("", None),
    ],
)
def test_crawl_delay_is_rounded_up_to_whole_seconds(line: str, delay: float | None):
    assert robots.parse(f"User-agent: *\nCrawl-delay: {line}\n".encode()).crawl_delay(US) == delay


def test_crawl_delay_is_that_of_the_own_group():
    rules = robots.parse(b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: wireroom\nDisallow: /a\n")
    assert rules.crawl_delay(US) is None
    assert rules.crawl_delay("other") == 9


def test_sitemaps_are_noted_once_and_only_those_one_can_fetch():
    text = b"Sitemap: https://paper.example/s.xml\nsite-map: https://paper.example/s.xml\nSitemap: /s2.xml\nUser-agent: *\nSitemap: ftp://paper.example/\nSITEMAP:http://paper.example/news.xml # daily\n"
    assert robots.parse(text).sitemaps == ("https://paper.example/s.xml", "http://paper.example/news.xml")


def test_the_constants_and_what_a_stored_answer_stands_for():
    body = b"User-agent: *\nDisallow: /a\n"
    url = "http://paper.example/a"
    assert robots.ALLOW_ALL.allowed(url, US)
    assert not robots.DENY_ALL.allowed(url, US)
    assert robots.DENY_ALL.allowed("http://paper.example/robots.txt", US)
    assert robots.DENY_ALL.crawl_delay(US) is None
    assert robots.parse(b"") == robots.parse(b"\xef\xbb\xbf\r\n") == robots.ALLOW_ALL
    assert not robots.of("rules", body).allowed(url, US)
    assert robots.of("allow_all", body).allowed(url, US)
    assert not robots.of("deny_all", None).allowed(url, US)


def test_an_address_that_cannot_be_fetched_is_a_clear_error():
    with pytest.raises(UrlError):
        robots.ALLOW_ALL.allowed("ftp://paper.example/", US)


def test_the_rules_cannot_be_made_slow():
    names = b"".join(
        b"User-agent: %s\n" % f"a{n:x}".translate(str.maketrans("0123456789", "ghijklmnop")).encode()
        for n in range(20000)
    )
    hostile = [
        names + b"Disallow: /a\n" * 10000,
        b"User-agent: *\nDisallow: /" + b"a*" * 250000,
        b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*b$\n" * 18000,
        b"User-agent:" + b" " * 400000 + b"\nUser-agent" + b"\t" * 90000,
    ]
    began = time.process_time()
    assert [may(body, "/" + "a" * 8000) for body in hostile] == [True] * len(hostile)
    assert time.process_time() - began < 10  # Protego alone took minutes over the first


@given(st.text(alphabet=st.sampled_from("/ab*$:# \n\t\x00é"), max_size=60), st.sampled_from(["\r", "\r\n"]))
def test_a_mark_and_other_line_ends_change_no_answer(rules: str, end: str):
    text = f"User-agent: *\nDisallow: {rules}\nAllow: /a\nDisallow: /ab\n"
    marked = "\ufeff" + text.replace("\n", end)
    for path in ("/", "/a", "/ab", "/b/a", "/a?b=*"):
        assert may(marked, path) == may(text, path)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_and_hide_no_rule_after_them(noise: bytes):
    assume(not noise.startswith((b"\xff\xfe", b"\xfe\xff")) and b"allow" not in noise.lower())
    assert not may(noise + b"\nUser-agent: wireroom\nDisallow: /a\n", "/a")
