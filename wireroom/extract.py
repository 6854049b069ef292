"""From a fetched page to an article: title, author, site, text, and every witness of its date.

Law: pure. The same page gives the same article, whatever was extracted before it: trafilatura's deduplication, which
remembers earlier pages, is off. One parse is shared by markup, dates and text; the libraries copy the tree before they
change it. What goes wrong is a `WorkError` with a reason, never another exception. A page that makes a library run for
minutes cannot be stopped from here: run this where somebody else holds the clock.

``best`` takes trafilatura's precise text, unless that is shorter than `SHORTER` of its default text, then the default.
The default is measured in its fast form first, and made whole only where it is taken. ``fast`` is one fast pass.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

import trafilatura
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.json_metadata import normalize_authors
from trafilatura.metadata import extract_author, extract_title

from wireroom import gate, robotsmeta
from wireroom.charset import decode
from wireroom.dates import DateCandidate
from wireroom.datestamps import Precision
from wireroom.errors import Reason, WorkError
from wireroom.markup import Markup, about, names_of, read_markup, text_of
from wireroom.pagecheck import MAX_DEPTH, look
from wireroom.pagedates import page_candidates
from wireroom.plaintext import one_line, paragraphs_of, without_controls
from wireroom.sniff import kind

if TYPE_CHECKING:
    from datetime import datetime

Mode = Literal["best", "fast"]

SHORTER = 0.6
"""Share of the default text below which the precise one has lost too much (measured: F1 0.967 against 0.960)."""
MAX_FIELD = 2_000
"""Characters kept of a title, an author, a site or a description."""

for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what they report as errors is an outcome here


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched.

    Attributes:
        body: its bytes, content encodings undone.
        url: its final address.
        content_type: the HTTP header.
        last_modified: the HTTP header.
        fetched_at: when it was fetched, in UTC.
        captured_at: when an archive captured it; None where it comes from its site.
        x_robots_tag: the HTTP header's fields, one a line.
        canonical: the addresses that its ``Link`` headers declare to be its own.
        asked: the addresses it was reached over: the one asked for, and what redirected.
        robots: who we are to the site, and which of its directives refuse the page.
    """

    body: bytes
    url: str
    content_type: str | None
    last_modified: str | None
    fetched_at: datetime
    captured_at: datetime | None = None
    x_robots_tag: str | None = None
    canonical: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    robots: robotsmeta.Policy = field(default_factory=robotsmeta.Policy)

    @property
    def seen_at(self) -> datetime:
        """When it was there: nothing on it was published later."""
        return self.captured_at or self.fetched_at


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says.

    Attributes:
        title: one line, or None.
        author: one line, several names separated by ``; ``.
        site: name of the site, its host where it names none.
        description: one line.
        canonical_url: the address the page declares for itself, if `wireroom.canonical` takes it.
        paragraphs: the text, one line each, none empty.
        candidates: every place that names its date.
        warnings: ``charset_guessed``, ``nested_too_deep``, ``plain_text``, ``paywalled``, ``robots_noindex``,
            ``robots_noarchive``, ``robots_nosnippet``, ``robots_unavailable_after``.
        version: library, version and mode that made the text.
    """

    title: str | None
    author: str | None
    site: str | None
    description: str | None
    canonical_url: str | None
    paragraphs: tuple[str, ...]
    candidates: tuple[DateCandidate, ...]
    warnings: tuple[str, ...]
    version: str

    def to_data(self) -> dict[str, Any]:
        """The article as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """The article of `to_data`, also after it went through JSON."""
        told = {f.name: data[f.name] for f in fields(cls)}
        told["candidates"] = tuple(
            DateCandidate(**{**c, "precision": Precision(c["precision"])}) for c in data["candidates"]
        )
        return cls(**{**told, "paragraphs": tuple(data["paragraphs"]), "warnings": tuple(data["warnings"])})


def extract(page: Page, *, mode: Mode = "best") -> Article:
    """Extract the article of a page.

    Args:
        page: the page.
        mode: ``best`` quality or ``fast`` throughput.

    Raises:
        WorkError: UNSUPPORTED_TYPE for what is no page, EMPTY_PAGE for nothing, NO_TEXT where nothing readable is
            found, EXTRACTION_ERROR where the page is refused before parsing or a library fails, what `wireroom.gate`
            gives where it is no article, ROBOTS_META where the page says what our settings take for a no.
    """
    form = kind(page.body, page.content_type)
    decoded = decode(page.body, page.content_type)
    warnings = ["charset_guessed"] if decoded.guessed else []
    html = without_controls(decoded.text)
    if not html.strip():
        raise WorkError(Reason.EMPTY_PAGE, "the page is empty")
    if form == "text":
        return _plain(html, page, (*warnings, "plain_text"))
    look(html)
    try:
        return _article(html, page, mode, warnings)
    except WorkError:
        raise
    except Exception as error:  # a library's own failure, whichever it is
        raise WorkError(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:500]) from error


def warm() -> None:
    """Load what the first page would wait for (dateparser alone takes 1.4 s): call it before forking."""
    import dateparser  # noqa: PLC0415 - this is the place that pays for it

    dateparser.parse("1 January 2020", languages=["en"])


def version(mode: Mode) -> str:
    """What makes a text in this mode."""
    return f"trafilatura {trafilatura.__version__} {mode}"


def _article(html: str, page: Page, mode: Mode, warnings: list[str]) -> Article:
    tree = _parse(html)
    markup = read_markup(tree, page.url, page.asked, page.canonical)
    candidates = page_candidates(tree, page.url, page.last_modified, page.seen_at, markup)
    lines = [line for line in map(_line, _text(tree, page.url, mode).split("\n")) if line]
    if _too_deep(tree):
        warnings.append("nested_too_deep")
    title, author, site, description = _about(tree, markup, page.url, mode)
    verdict = gate.judge(tree, markup, gate.Told(page.url, page.asked, title, lines))
    if verdict.reason:
        raise WorkError(verdict.reason, verdict.detail)
    warnings += [*verdict.warnings, *_robots(page, markup.metas)]
    if not lines:
        raise WorkError(Reason.NO_TEXT, "no readable text was found")
    return Article(
        title=title,
        author=author,
        site=site,
        description=description,
        canonical_url=markup.canonical,
        paragraphs=tuple(lines[1:] if len(lines) > 1 and lines[0] == title else lines),
        candidates=candidates,
        warnings=tuple(warnings),
        version=version(mode),
    )


def _robots(page: Page, metas: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The warnings a page's directives give; raises where they refuse it."""
    told = robotsmeta.directives(page.x_robots_tag, metas, page.robots.agent)
    if refusing := told.refused(page.robots.refuse, page.fetched_at):
        raise WorkError(Reason.ROBOTS_META, f"the page says {refusing}, which our settings take for a no")
    return told.warnings


def _line(line: str) -> str:
    """A line of the text; empty where it is a table's rule or an ornament."""
    clean = one_line(line)
    if clean.startswith("|") and clean.endswith("|"):
        clean = clean.strip("| ")
    return clean if any(map(str.isalnum, clean)) else ""


def _plain(text: str, page: Page, warnings: tuple[str, ...]) -> Article:
    lines = paragraphs_of(text)
    if not any(c.isalnum() for line in lines for c in line):
        raise WorkError(Reason.NO_TEXT, "no readable text was found")
    warnings += _robots(page, ())
    nothing = _parse("<html><body></body></html>")
    markup = read_markup(nothing, page.url, page.asked, page.canonical)
    candidates = page_candidates(nothing, page.url, page.last_modified, page.seen_at, markup)
    return Article(
        title=None,
        author=None,
        site=_host(page.url),
        description=None,
        canonical_url=markup.canonical,
        paragraphs=lines,
        candidates=candidates,
        warnings=warnings,
        version="plain text 1",
    )


def _parse(html: str) -> HtmlElement:
    """One tree for all: what trafilatura itself would parse it with."""
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    return document_fromstring(html.encode("utf-8", "ignore"), parser=parser)


def _text(tree: HtmlElement, url: str, mode: Mode) -> str:
    if mode == "fast":
        return _pass(tree, url, fast=True)
    precise = _pass(tree, url, favor_precision=True)
    rough = _pass(tree, url, fast=True)
    return (
        precise if precise and len(precise) >= SHORTER * len(rough) else _pass(tree, url) or rough or precise
    )


def _pass(tree: HtmlElement, url: str, *, fast: bool = False, favor_precision: bool = False) -> str:
    found = trafilatura.bare_extraction(
        tree, url=url, fast=fast, favor_precision=favor_precision, include_comments=False, deduplicate=False
    )
    return (found.text or "") if isinstance(found, trafilatura.settings.Document) else ""


def _about(tree: HtmlElement, markup: Markup, url: str, mode: Mode) -> tuple[str | None, ...]:
    urls = (url, markup.canonical) if markup.canonical else (url,)
    node = next((n for n in markup.articles if about(n, urls) != "other"), {})
    publisher = node.get("publisher")
    site = (
        markup.meta("og:site_name")
        or (text_of(publisher) if publisher else None)
        or markup.meta("application-name")
    )
    title = (
        text_of(node.get("headline"))
        or markup.meta("og:title", "twitter:title", "title")
        or extract_title(tree)
    )
    authors = names_of(node.get("author")) if node.get("author") else []
    named = authors or [a for a in (markup.meta("author", "article:author", "byl", "parsely-author"),) if a]
    author = normalize_authors(None, "; ".join(n for n in named if "://" not in n)) if named else None
    if not author or (site and author.casefold() == site.casefold()):
        author = extract_author(tree) if mode == "best" else _marked_author(tree)
    description = markup.meta("og:description", "description", "twitter:description") or text_of(
        node.get("description")
    )
    return _field(_without_site(title, site)), _field(author), _field(site) or _host(url), _field(description)


def _marked_author(tree: HtmlElement) -> str | None:
    """The author where the body marks one; trafilatura's search in bylines costs 6 ms, as much as a fast text."""
    marked = tree.xpath('(//a[@rel="author"]|//*[@itemprop="author"])[1]')
    name = one_line(marked[0].text_content()) if marked else ""
    return normalize_authors(None, name) if 0 < len(name) < 120 else None  # noqa: PLR2004 - longer is a biography


def _without_site(title: str | None, site: str | None) -> str | None:
    """A title without the site's name behind a dash or a bar."""
    if not title or not site or not title.rstrip().casefold().endswith(site.strip().casefold()):
        return title
    rest = title.rstrip()[: -len(site.strip())].rstrip()
    return (
        rest[:-1].rstrip() or title if rest[-1:] in {"|", "-", "\u2013", "\u2014", "\u00b7", ":"} else title
    )


def _field(value: str | None) -> str | None:
    return one_line(value)[:MAX_FIELD].strip() or None


def _host(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _too_deep(tree: HtmlElement) -> bool:
    """Whether the parser's limit was reached, so that something may be missing: one step a level, linear."""
    return bool(tree.xpath("boolean(" + "/*" * MAX_DEPTH + ")"))
