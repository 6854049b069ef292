import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from wireroom.errors import Reason, UrlError
from wireroom.urls import LONGEST, canonical, check, host_key, origin, resolve, same_site, url_key


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("HTTP://Harbour.Example:80/a/../b?q=1#f", "http://harbour.example/b?q=1#f"),
        ("https://harbour.example", "https://harbour.example/"),
        (" \thttps://harbour.example/a\n", "https://harbour.example/a"),
        ("https://bücher.example/ü?ö=ä", "https://xn--bcher-kva.example/%C3%BC?%C3%B6=%C3%A4"),
        ("https://harbour.example:443/", "https://harbour.example/"),
        ("https://harbour.example:8443/", "https://harbour.example:8443/"),
        ("https:\\\\harbour.example\\a", "https://harbour.example/a"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
        ("https://harbour.example/a b", "https://harbour.example/a%20b"),
    ],
)
def test_check_spells_addresses_as_the_standard_does(written: str, href: str):
    assert check(written) == href
    assert check(href) == href


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("harbour.example/a", "no scheme"),
        ("/a", "no scheme"),
        ("ftp://harbour.example/", "scheme ftp"),
        ("javascript:alert(1)", "scheme javascript"),
        ("file:///etc/passwd", "scheme file"),
        ("http://", "no host"),
        ("https:///", "no host"),
        ("http://[::1", "broken"),
        ("http://harbour.example:99999/", "broken"),
        ("http://harbour example/", "broken"),
        ("http://?q=1", "broken"),
        ("http://a\ud800/", "broken"),
        ("http://mara@harbour.example/", "user name"),
        ("http://:word@harbour.example/", "password"),
        ("http://harbour.example/a\nb", "control"),
        ("http://harbour.example/\x00", "control"),
        ("http://harbour.example/\x85", "control"),
        ("http://harbour.example/" + "a" * LONGEST, "longer than 8,192"),
        ("http://harbour.example/" + "ü" * (LONGEST // 4), "percent-encoded"),
    ],
)
def test_check_names_the_fault(url: str, words: str):
    with pytest.raises(UrlError, match=words) as caught:
        check(url)
    assert caught.value.url == url
    assert caught.value.reason is Reason.INVALID_URL
    assert words in caught.value.detail


def test_the_longest_address_is_taken():
    url = "http://harbour.example/"
    url += "a" * (LONGEST - len(url))
    assert check(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://harbour.example/a#part", "https://harbour.example/a"),
        ("https://harbour.example/a?utm_source=x&b=2&a=1&utm_medium=y", "https://harbour.example/a?b=2&a=1"),
        ("https://harbour.example/a?fbclid=1", "https://harbour.example/a"),
        ("https://harbour.example/a?GCLID=1&q", "https://harbour.example/a?q"),
        ("https://harbour.example/a?b=1&amp;utm_source=x", "https://harbour.example/a?b=1"),
        ("https://harbour.example/a?utm%5Fsource=x", "https://harbour.example/a"),
        ("https://harbour.example/a?", "https://harbour.example/a"),
        ("https://harbour.example/a?empty=&q=a%20b+c", "https://harbour.example/a?empty=&q=a%20b+c"),
        ("https://harbour.example/a?x=1&x=2", "https://harbour.example/a?x=1&x=2"),
        ("https://harbour.example/a?q=utm_source", "https://harbour.example/a?q=utm_source"),
        ("https://harbour.example/a//b/", "https://harbour.example/a//b/"),
        ("https://www.harbour.example/A", "https://www.harbour.example/A"),
    ],
)
def test_canonical_drops_what_names_no_page(url: str, expected: str):
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "name", ["gallery", "cid", "source", "affairs", "reference", "id", "page", "lang", "session"]
)
def test_canonical_keeps_what_may_name_a_page(name: str):
    url = f"https://harbour.example/?{name}=12"
    assert canonical(url) == url
    assert url_key(url) != url_key(f"https://harbour.example/?{name}=13")


queries = st.lists(
    st.sampled_from(
        ["utm_source=a", "b=1", "fbclid", "=", "", "&", "#", "?", "amp;utm_x=1", "%75tm_x=1", "ü=ö", "_ga=1"]
    )
    | st.text(max_size=5),
    max_size=8,
).map("&".join)
any_url = st.one_of(
    st.text(max_size=20),
    st.builds(
        "{}://{}/{}?{}".format,
        st.sampled_from(["http", "HTTPS"]),
        st.text(max_size=8),
        st.text(max_size=8),
        queries,
    ),
    st.builds(
        "https://Harbour.example{}?{}".format, st.sampled_from(["", "/", ":443/a", "/./b/.."]), queries
    ),
)


@settings(max_examples=300, deadline=None)
@given(any_url)
@example("http://h.example/?utm_x=1&")
def test_canonical_is_idempotent_and_keeps_the_order(url: str):
    try:
        href = check(url)
    except UrlError:
        assume(False)
    once = canonical(url)
    assert canonical(once) == once
    assert check(href) == href
    assert check(once) == once
    assert once.isascii()
    assert "#" not in once
    assert url_key(url) == url_key(once) == url_key(href)
    kept = iter(href.partition("#")[0].partition("?")[2].split("&"))
    assert all(part in kept for part in once.partition("?")[2].split("&") if part)


@settings(max_examples=100, deadline=None)
@given(any_url, any_url)
def test_no_text_makes_resolve_or_same_site_raise(first: str, second: str):
    found = resolve(first, second)
    assert found is None or check(found) == found
    assert same_site(first, second) == same_site(second, first)


def test_url_key_is_16_hexadecimal_digits_of_the_page():
    key = url_key("https://harbour.example/a?utm_source=x#y")
    assert key == url_key("HTTPS://HARBOUR.example/a")
    assert len(key) == 16
    assert int(key, 16) >= 0
    assert key != url_key("http://harbour.example/a")


@pytest.mark.parametrize(
    ("url", "host", "site"),
    [
        ("https://Harbour.example/a", "harbour.example", "https://harbour.example"),
        ("https://harbour.example:443/a", "harbour.example", "https://harbour.example"),
        ("https://harbour.example:8443/a", "harbour.example:8443", "https://harbour.example:8443"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "[::1]:8080", "http://[::1]:8080"),
        ("http://bücher.example/", "xn--bcher-kva.example", "http://xn--bcher-kva.example"),
    ],
)
def test_politeness_and_robots_go_by_host_and_port(url: str, host: str, site: str):
    assert host_key(url) == host
    assert origin(url) == site


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("b", "https://harbour.example/a/b"),
        ("../b?q#f", "https://harbour.example/b?q#f"),
        ("//other.example/x", "https://other.example/x"),
        ("  /x\n y ", "https://harbour.example/x%20y"),
        ("?page=2", "https://harbour.example/a/?page=2"),
        ("", "https://harbour.example/a/"),
        ("mailto:desk@harbour.example", None),
        ("javascript:void(0)", None),
        ("https://[::1", None),
        ("https://mara@other.example/", None),
        ("\ud800", None),
    ],
)
def test_links_resolve_as_in_a_browser(link: str, expected: str | None):
    assert resolve("https://harbour.example/a/", link) == expected


def test_a_broken_base_leads_nowhere():
    assert resolve("nowhere", "/a") is None


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://www.harbour.co.uk/a", "http://news.harbour.co.uk/b", True),
        ("https://harbour.co.uk/", "https://quay.co.uk/", False),
        ("https://a.github.io/", "https://b.github.io/", False),
        ("https://harbour.com./", "https://www.harbour.com/", True),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://localhost:1/", "http://localhost:2/", True),
        ("http://localhost/", "http://desk.localhost/", False),
        ("http://[::1]/", "http://[::2]/", False),
        ("nowhere", "nowhere", False),
    ],
)
def test_same_site_goes_by_the_registrable_domain(first: str, second: str, *, same: bool):
    assert same_site(first, second) is same
