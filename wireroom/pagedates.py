# ruff: noqa: SIM905 - a split list of names reads as one
"""Every place of a page that names its date, with what that place is worth.

Law: the tree it reads is the same afterwards. A copyright year is no date, and nothing is taken from what
`wireroom.datebody` calls outside. htmldate gets a tree, never a string: a string that begins with http it would
download; and it gets it without what is outside, because it takes the first date of any element called date.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from htmldate import find_date
from lxml.html import Element

from wireroom.datebody import shown
from wireroom.datechoice import DAYS, Dates, at_home, choose
from wireroom.dateread import DAY_FIRST, Reading
from wireroom.datestamps import Precision, Stamp, read, stamp
from wireroom.datewitness import FIRST, FLOOR, GOOD, LENDS, DateCandidate, Kind, candidate, witness
from wireroom.datezones import COUNTRIES, Home
from wireroom.markup import Markup, about, read_markup, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from wireroom.dateplaces import Survey

STRONG_META: Final = frozenset(
    "article:published_time article:published article:published_date article.published article:post_date article:publicationdate "
    "article_date_original og:article:published_time og:article:published og:published_time og:pubdate og:publish_date "
    "og:datepublished og:question:published_time og:regdate published_time publish_time datepublished date_published publishdate "
    "publish_date publish-date published-date published_date publisheddate publication_date publication-date originalpublicationdate "
    "pubdate pdate ptime rbpubdate parsely-pub-date sailthru.date cxenseparse:recs:publishtime cxenseparse:publishtime citation_date "
    "citation_publication_date citation_online_date dc.date.issued dcterms.issued dc.issued dc.date.publication rnews:datepublished "
    "shareaholic:article_published_time bt:pubdate vr:published_time mediator_published_time dcsext.articlefirstpublished "
    "analyticsattributes.articledate twt-published-at article.date article:date news:publication_date gentime dateposted".split()
)
WEAK_META: Final = frozenset(
    "date dc.date dc:date dcterms.date dc.created dc:created dc.date.created dcterms.created created article.created date_created "
    "datecreated content_create_date displaydate doc_date field-name-post-date timestamp video:release_date".split()
)
MODIFIED_META: Final = frozenset(
    "article:modified_time article:modified article:modified_date article:post_modified og:article:modified_time og:modified_time "
    "og:updated_time datemodified dateupdate dc.modified dc.date.modified dcterms.modified modified lastmod last-modified lastmodified "
    "lastdate modified_time modificationdate revision_date bt:moddate updated_time".split()
)
MAX_CANDIDATES: Final = 24
"""Candidates of one page that are kept."""
TOO_MANY: Final = 100
"""Elements that look like dates from which the slow parser behind htmldate is left out (10 ms each)."""
MAX_SCRIPT: Final = 200_000
"""Characters of a page's own program that are searched."""

_PATH_DAY: Final = re.compile(
    r"/((?:19|20)\d{2})([/_.-]?)(0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\2(0?[1-9]|[12]\d|3[01])(?=[/_.?-]|$)",
    re.IGNORECASE,
)
_SLUG_DAY: Final = re.compile(
    r"(?<=[_-])((?:19|20)\d{2})([_-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=[/_.?-]|$)"
)
_URL_MONTH: Final = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])(?=/)")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_FIELDS: Final = (
    "datePublished", "date_published", "DatePublished", "publishedAt", "published_at", "publishedDate", "published_date", "publishedTime",
    "publicationDate", "publication_date", "PublicationDate", "publishDate", "publish_date", "PublishDate", "pubDate", "pub_date", "firstPublished",
    "datePublication", "postDate", "post_date", "articleDate", "displayDate",
)  # fmt: skip
_FIELD: Final = re.compile(
    r"""(?:At|Date|_at|_date|Time)?["']?\s{0,5}[:=,]\s{0,5}["']?(?P<v>\d[^"',;<>\n}]{5,40}|[A-Z][a-z]{2}[^"';<>\n}]{5,40})"""
)
_BROKEN: Final = tuple(
    (key, re.compile(rf'"{key}"\s{{0,5}}:\s{{0,5}}"([^"]{{4,40}})"'), kind)
    for key, kind in (("datePublished", "published"), ("dateModified", "modified"))
)
_SLASHED: Final = re.compile(r"/(\d{1,2})/(?:19|20)\d{2}(?!\d)")


_LAST_NUMBER: Final = re.compile(r"(?<![\d/])(\d{1,2})$")


def find(tree: HtmlElement, url: str, *, fetched_at: datetime, last_modified: str | None = None) -> Dates:
    """The dates of a parsed page, by all rules.

    Args:
        tree: the page.
        url: its final address.
        fetched_at: when it was fetched or archived.
        last_modified: the HTTP header, if there was one.
    """
    told = page_candidates(tree, url, last_modified, fetched_at, read_markup(tree, url))
    return choose(told, not_after=fetched_at)


def page_candidates(
    tree: HtmlElement, url: str, last_modified: str | None, fetched_at: datetime, markup: Markup
) -> tuple[DateCandidate, ...]:
    """Collect the date candidates of a page.

    An instant in UTC is given in the page's own zone where that is known (`wireroom.datezones`).

    Args:
        tree: the parsed page.
        url: its final address.
        last_modified: the HTTP header, if there was one.
        fetched_at: when it was fetched or archived.
        markup: what `wireroom.markup.read_markup` read from the tree.
    """
    urls = (url, markup.canonical) if markup.canonical else (url,)
    home = _home(tree, url, markup)
    address = list(_address(urls))
    months = [c.stamp.day for c in address if c.precision is Precision.MONTH]
    reading = Reading(
        home.language,
        home.country if home.country in COUNTRIES else home.region,
        _month_first(tree, home),
        (months[0].year, months[0].month) if months else None,
        fetched_at.date(),
    )
    found = [*_jsonld(markup, urls, reading), *_metas(tree, markup, reading), *address]
    body = shown(tree, markup.meta("og:title", "title") or tree.findtext(".//title"), reading)
    found.extend(body.candidates)
    if not any(c.kind == "published" and c.confidence >= GOOD and c.precision in DAYS for c in found):
        found.extend(_programs(tree, reading))
    if last_modified and (changed := read(last_modified)):
        found.append(candidate(changed, "http:last-modified"))
    if not _settled(found):
        found.extend(_by_htmldate(tree, urls, fetched_at, found, body.survey))
    if not any(c.kind == "published" and c.confidence >= FLOOR for c in found):
        # A page that says only when it was changed was published then or before; below every other witness.
        found += [
            replace(c, kind="published", confidence=0.32)
            for c in found
            if c.kind == "modified" and c.confidence > GOOD
        ][:1]
    unique = {(c.value, c.evidence, c.kind): c for c in sorted(found, key=lambda c: c.confidence)}
    ranked = sorted(unique.values(), key=lambda c: (-c.confidence, c.kind, c.evidence, c.value))[
        :MAX_CANDIDATES
    ]
    return tuple(sorted(at_home(ranked, home), key=lambda c: (-c.confidence, c.kind, c.evidence, c.value)))


def _home(tree: HtmlElement, url: str, markup: Markup) -> Home:
    written = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()
    region = re.search(r"^[a-z]{2,3}[-_]([a-z]{2})\b", written)
    host = url.partition("://")[2].partition("/")[0].partition("?")[0].partition(":")[0]
    language = (
        markup.language
        or (markup.meta("og:locale", "language", "content-language") or "").lower()[:2]
        or None
    )
    country = host.rpartition(".")[2].lower() or None
    return Home(country, language, region[1] if region else None)


def _month_first(tree: HtmlElement, home: Home) -> bool | None:
    """Whether the page writes the month first: as its country does, or as its own dates show."""
    if home.language not in {None, "en"} or home.country in DAY_FIRST or home.country in COUNTRIES:
        return False
    if home.region in DAY_FIRST:
        return False
    if home.region == "us":
        return None
    over = set()
    text = tree.text_content()
    for hit in _SLASHED.finditer(text):
        first = _LAST_NUMBER.search(text, max(0, hit.start() - 3), hit.start())
        if first and (int(first[1]) > 12) != (int(hit[1]) > 12):  # noqa: PLR2004 - months
            over.add(int(first[1]) > 12)  # noqa: PLR2004
    return (not over.pop()) if len(over) == 1 else None


def _read(value: Any, reading: Reading) -> Stamp | None:
    text = value if isinstance(value, str) else text_of(value)
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    return (read(text.strip()) or reading.first(text)) if text else None


def _jsonld(markup: Markup, urls: tuple[str, ...], reading: Reading) -> Iterator[DateCandidate]:
    worth = {"this": 0.92, "unknown": 0.88, "other": 0.25}
    first = True
    for node in markup.articles[:20]:
        told = about(node, urls)
        # An article that names no address of its own is this page's if it is the first; later ones are its neighbours.
        trust = worth[told] if told == "this" or first else 0.25
        if told == "other" and len(markup.articles) == 1:
            trust = 0.8 if _same_title(node, markup) else 0.5  # the page moved, or was copied with its markup
        first = first and told == "other"
        yield from _node(node, trust, reading)
    for node in markup.pages[:5]:
        # A page's own node, or that of the list it stands in: it says less than the article, and nothing beside one.
        trust = 0.25 if about(node, urls) == "other" else 0.6 if markup.articles else 0.8
        yield from _node(node, trust, reading)
    for text in markup.broken:
        for key, pattern, kind in _BROKEN:
            if (hit := pattern.search(text)) and (when := read(hit[1])):
                yield candidate(when, f"jsonld:{key}", 0.75, kind)  # type: ignore[arg-type]


def _same_title(node: dict[str, Any], markup: Markup) -> bool:
    told, title = (
        (text_of(node.get("headline")) or "").casefold(),
        (markup.meta("og:title", "twitter:title", "title") or "").casefold(),
    )
    return bool(told) and (told[:40] in title or (bool(title) and title[:40] in told))


def _node(node: dict[str, Any], trust: float, reading: Reading) -> Iterator[DateCandidate]:
    fields: tuple[tuple[str, float, Kind], ...] = (
        ("datePublished", trust, "published"), ("dateCreated", trust * 0.7, "published"),
        ("uploadDate", trust * 0.5, "published"), ("dateModified", trust * 0.95, "modified"),
    )  # fmt: skip
    for key, confidence, kind in fields:
        if (when := _read(node.get(key), reading)) is not None:
            yield candidate(when, f"jsonld:{key}", confidence, kind)


def _metas(tree: HtmlElement, markup: Markup, reading: Reading) -> Iterator[DateCandidate]:
    seen: dict[str, str] = {}
    named = _named(tree) if any(name in _MICRODATA for name, _ in markup.metas) else frozenset()
    for name, content in markup.metas:
        if name in _MICRODATA and name not in named:
            continue  # microdata stands where it belongs: wireroom.datebody asks there
        known = name in STRONG_META or name in WEAK_META or name in MODIFIED_META
        if not known or (when := _read(content, reading)) is None:
            continue
        # The first of a name is the page's; a second one that differs is a neighbour's.
        repeat = seen.setdefault(name, when.value) != when.value
        if name in STRONG_META:
            yield candidate(when, f"meta:{name}", 0.4 if repeat else 0.9)
        elif name in MODIFIED_META:
            yield candidate(when, f"meta:{name}", 0.85, "modified")
        else:
            told = witness(f"meta:{name}").worth
            yield candidate(when, f"meta:{name}", 0.3 if repeat else min(told, 0.7))
    for element in tree.iterfind(".//meta[@http-equiv]"):
        name = (element.get("http-equiv") or "").lower()
        if name in {"date", "last-modified"} and (when := _read(element.get("content") or "", reading)):
            yield candidate(
                when,
                f"meta:http-equiv={name}",
                None if name == "date" else 0.4,
                "published" if name == "date" else "modified",
            )


_MICRODATA: Final = frozenset({"datepublished", "datecreated", "datemodified", "dateupdate"})


def _named(tree: HtmlElement) -> frozenset[str]:
    return frozenset(
        (e.get("name") or e.get("property") or "").lower() for e in tree.iter("meta") if not e.get("itemprop")
    )


def _address(urls: tuple[str, ...]) -> Iterator[DateCandidate]:
    """The day in an address: a folder of its own, or the beginning of one; else one within a name."""
    for url in reversed(urls):
        path = "/" + url.partition("://")[2].partition("/")[2].partition("#")[0]
        for hit in _PATH_DAY.finditer(path):
            month = _MONTHS.index(hit[3].lower()) + 1 if hit[3][0].isalpha() else int(hit[3])
            if hit[2] == "" and len(hit[3]) + len(hit[4]) < 4:  # noqa: PLR2004 - a number, not a date
                continue
            if when := stamp(int(hit[1]), month, int(hit[4])):
                yield candidate(when, "url", 0.88 if hit[2] == "/" else 0.8)
                return
        if (slug := _SLUG_DAY.search(path)) and (when := stamp(int(slug[1]), int(slug[3]), int(slug[4]))):
            yield candidate(when, "url:slug")
            return
        if (folder := _URL_MONTH.search(path)) and (when := stamp(int(folder[1]), int(folder[2]))):
            yield candidate(when, "url", 0.5)
            return


def _programs(tree: HtmlElement, reading: Reading) -> Iterator[DateCandidate]:
    """A field of the page's own program, where no other place says the day; the first one is the page's."""
    left = MAX_SCRIPT
    for script in tree.iter("script"):
        text = script.text
        if not text or left <= 0:
            continue
        text = text[:left]
        left -= len(text)
        places = sorted((at, key) for key in _FIELDS if (at := text.find(key)) >= 0)
        for at, key in places[:5]:
            hit = _FIELD.match(text, at + len(key))
            when = _read(hit["v"].strip().replace("\\/", "/"), reading) if hit else None
            if when is None or when.precision not in DAYS:
                continue
            yield candidate(
                when, "jsonld:datePublished" if "ld+json" in (script.get("type") or "") else "script", 0.6
            )
            return


def _settled(found: list[DateCandidate]) -> bool:
    """Whether two families, or a strong place alone, name one day: then nothing that htmldate reads can change it."""
    days: dict[str, set[str]] = {}
    strong = False
    for c in found:
        if c.kind == "published" and c.confidence >= LENDS and c.precision in DAYS:
            days.setdefault(c.value[:10], set()).add(witness(c.evidence).family)
            strong = strong or c.confidence >= FIRST
    return len(days) == 1 and (strong or len(next(iter(days.values()))) > 1)


def _by_htmldate(
    tree: HtmlElement, urls: tuple[str, ...], fetched_at: datetime, known: list[DateCandidate], seen: Survey
) -> Iterator[DateCandidate]:
    # It takes address, meta elements and JSON-LD before it looks at the body: then there is nothing to cut away.
    shallow = any(witness(c.evidence).family in {"url", "markup"} and c.confidence >= LENDS for c in known)
    latest = (fetched_at.astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%d")
    try:
        if shallow:
            day = find_date(tree, original_date=True, url=urls[-1], max_date=latest)
        else:
            with _pruned(seen):
                day = find_date(
                    tree,
                    extensive_search=seen.dated <= TOO_MANY,
                    original_date=True,
                    url=urls[-1],
                    max_date=latest,
                )
    except Exception:  # noqa: BLE001 - one witness that fails is a witness less, not a page less
        return
    when = read(day) if day else None
    if when is None:
        return
    same = [c for c in known if c.value.startswith(when.value) and c.confidence >= LENDS]
    if any(c.kind == "published" for c in same):
        yield candidate(when, "htmldate")
    elif any(c.kind == "modified" for c in same):
        return  # it takes a change for the publication where it finds nothing else
    elif when.value.endswith("-01-01"):
        year = Stamp(when.value[:4], Precision.YEAR)
        yield candidate(year, "htmldate", 0.15)  # mostly a copyright year
    elif when.day >= fetched_at.astimezone(UTC).date():
        yield candidate(when, "htmldate", 0.2)  # a clock without a name
    elif when.value.endswith("-01"):
        # It gives the first of a month where it finds only a month.
        yield candidate(Stamp(when.value[:7], Precision.MONTH), "htmldate", 0.42)
    else:
        yield candidate(when, "htmldate")


@contextmanager
def _pruned(seen: Survey) -> Iterator[None]:
    """The tree without what is outside the article, for as long as the block runs."""
    removed: list[tuple[HtmlElement, HtmlElement]] = []
    place = seen.place
    try:
        for e in seen.suspects:
            parent = e.getparent()
            if parent is None or e in place.keep or not place.outside(e) or place.outside(parent):
                continue
            # An empty element keeps the text that stands behind; it goes with the element otherwise.
            stand_in = Element("span")
            tail = e.tail
            parent.replace(e, stand_in)
            stand_in.tail = tail
            removed.append((stand_in, e))
        yield
    finally:
        for stand_in, e in reversed(removed):
            tail = stand_in.tail
            stand_in.getparent().replace(stand_in, e)
            e.tail = tail
