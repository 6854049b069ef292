"""Addresses: what may be fetched, and which addresses are the same. Pure: opens nothing, asks no resolver.

Parsing is the WHATWG URL standard's (https://url.spec.whatwg.org/), by ada-url: an address means here what it means in
a browser. Three forms of one address:

    as written     what the document says; kept for the reader
    checked        `check`: the standard's own spelling, which is fetched
    canonical      `canonical`: without fragment and trackers, which says whether two addresses are the same page
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

import ada_url
from tld import get_fld
from tld.utils import MozillaTLDSourceParser

from wireroom.errors import UrlError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 8192
"""Most characters in an address. RFC 9110 4.1 asks for 8,000 at least; servers commonly take 8,192."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BLANKS: Final = " \t\r\n\f"

_TRACKER: Final = re.compile(
    r"""
      (?:utm|itm|mtm|matomo|piwik|hsa)_.+ | pk_(?:campaign|kwd|keyword|source|medium|content|cid|vid)
    | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | msclkid | twclid | yclid | ysclid | ttclid | irclickid
    | li_fat_id | igsh | igshid | mc_cid | mc_eid | mkt_tok | _ga | _gl | _openstat | wickedid
    | _hsenc | _hsmi | __hstc | __hssc | __hsfp | hsctatracking | vero_conv | vero_id | oly_anon_id | oly_enc_id
    | s_cid | s_kwcid | ref_src | ref_url | cmpid | ncid | ocid | smid | smtyp | sr_share | soc_src | soc_trk | xtor
    | guccounter | guce_referrer | guce_referrer_sig | ns_campaign | ns_mchannel | ns_source
    | at_(?:medium|campaign|campaign_type|custom[1-4]|link_id|link_type|link_origin|format|ptr_name|bbc_team)
    """,
    re.VERBOSE,
)
"""Names that say where a reader came from and never which page. courlan's pattern was tried: it also drops ``gallery``,
``cid``, ``source``, ``affairs`` and ``reference``, sorts the query and folds slashes, so that two pages become one."""


def check(url: str) -> str:
    """The address in the standard's spelling, if it can be fetched at all.

    Blanks around it are ignored. The result is ASCII and checks to itself.

    Raises:
        UrlError: control characters, too long, another scheme, user info, no host, or broken; the detail says which.
    """
    return _parse(url).href


def canonical(url: str) -> str:
    """The address that stands for the page: checked, without fragment and trackers.

    Nothing else is touched: the order of the query, empty values, ``www.``, a final slash and the scheme may all
    matter to a site. ``canonical(canonical(u)) == canonical(u)``.

    Raises:
        UrlError: as `check`.
    """
    href = check(url).partition("#")[0]
    address, _, query = href.partition("?")
    kept = "&".join(part for part in query.split("&") if not _is_tracker(part))
    return f"{address}?{kept}" if kept else address


def url_key(url: str) -> str:
    """16 hexadecimal digits that stand for the page: the beginning of the SHA-256 of NUL and its canonical address.

    The NUL keeps it apart from the id of a file that holds this very address and nothing else: no text holds a NUL.

    Raises:
        UrlError: as `check`.
    """
    return hashlib.sha256(b"\0" + canonical(url).encode()).hexdigest()[:16]


def host_key(url: str) -> str:
    """What politeness is counted by: the host, with ``:port`` when it is not the scheme's default.

    Raises:
        UrlError: as `check`.
    """
    return _parse(url).host


def origin(url: str) -> str:
    """``scheme://host[:port]``: what a robots.txt holds for (RFC 9309 2.3).

    Raises:
        UrlError: as `check`.
    """
    return _parse(url).origin


def resolve(base: str, link: str) -> str | None:
    """The checked address a link on the page ``base`` leads to; None when it leads nowhere that can be fetched."""
    try:
        return check(ada_url.URL(link, check(base)).href)
    except (ValueError, UrlError):
        return None


def same_site(first: str, second: str) -> bool:
    """Whether two addresses belong to one owner: equal hosts, or equal registrable domains.

    The registrable domain is the one below a public suffix (https://publicsuffix.org/); the list comes with the
    package `tld` and is never downloaded. An address that cannot be fetched belongs to nobody.
    """
    try:
        a, b = _parse(first), _parse(second)
    except UrlError:
        return False
    if a.hostname.rstrip(".") == b.hostname.rstrip("."):
        return True
    domain = _registrable(a)
    return domain is not None and domain == _registrable(b)


def _parse(url: str) -> ada_url.URL:
    text = url.strip(_BLANKS)
    for fault in _faults(text):
        raise UrlError(url, fault)
    try:
        parsed = ada_url.URL(text)
    except ValueError:  # UnicodeEncodeError (a lone surrogate) is one
        raise UrlError(url, "is broken: host, port or brackets cannot be read") from None
    if parsed.username or parsed.password:
        raise UrlError(url, "holds a user name or password; such addresses are not fetched")
    if len(parsed.href) > LONGEST:
        raise UrlError(url, f"is longer than {LONGEST:,} characters when it is percent-encoded")
    return parsed


def _faults(text: str) -> Iterator[str]:
    """What can be said of an address before it is parsed, the plainest first."""
    if not text:
        yield "is empty"
    if len(text) > LONGEST:
        yield f"is longer than {LONGEST:,} characters"
    if _CONTROL.search(text):
        yield "holds control characters"
    scheme = _SCHEME.match(text)
    if scheme is None:
        yield "has no scheme; begin with http:// or https://"
    elif scheme[1].lower() not in {"http", "https"}:
        yield f"has the scheme {scheme[1]}; only http and https can be fetched"
    elif not text[scheme.end() :].strip("/\\"):
        yield "has no host"


def _is_tracker(part: str) -> bool:
    # "amp;" is left when a link was copied out of a page's source without decoding it.
    name = unquote_plus(part.partition("=")[0]).lower().removeprefix("amp;")
    return _TRACKER.fullmatch(name) is not None


class _PackagedSuffixes(MozillaTLDSourceParser):
    """The public suffix list as it came with the package; `tld` would download one when the file is missing."""

    uid = "wireroom_packaged"

    @classmethod
    def update_tld_names(cls, fail_silently: bool = False) -> bool:  # noqa: ARG003, FBT001, FBT002 - tld's signature
        return False


def _registrable(url: ada_url.URL) -> str | None:
    if url.host_type is not ada_url.HostType.DEFAULT:
        return None
    address = f"http://{url.hostname.rstrip('.')}/"
    return get_fld(address, fail_silently=True, parser_class=_PackagedSuffixes)
