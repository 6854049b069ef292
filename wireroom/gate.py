"""The content gate: what looks like an article and is none. Pure.

Law: a false alarm loses an article, a miss publishes a page that is none; the first is worse. So each rule asks for
two kinds of evidence, a page that says it is an article is believed unless it is nearly empty, and what stands in
quotation marks is never taken for what a page says itself. The rules, in the order they are asked:

    bot_challenge     `SHORT` words at most, and: a mark that only interstitials have, with a phrase of theirs or under
                      `BARE` words; or a title of theirs with a phrase; or two phrases, no headline above and no markup
                      of an article
    soft_404          the whole heading (or title, where there is no heading) says "not found", under `LONG` words, and
                      a phrase of such pages or under `BARE` words; or such a phrase alone in under `BARE` words; or
                      an article's address that led to the front page of the same host
    consent_wall      half of the words stand in lines about consent, under `ASIDE` words do not, and: two phrases in the
                      first person and a button or an address to match, or four such phrases
    paywall_teaser    `isAccessibleForFree` is false and the text has under `TEASER` words, unless the page shows that it
                      is all there: by `wordCount`, or because the part behind the wall (`cssSelector`) is in the page.
                      Without the markup: under `TEASER` words of which the last lines ask to subscribe
    index_page        no markup of an article, many links that read as headlines, no block of prose, no headline above

A text from a page that is not free, and long enough, is published with the warning ``paywalled``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wireroom import pagefacts, paywall, phrases
from wireroom.errors import Reason
from wireroom.markup import Markup, about
from wireroom.pagefacts import Facts, facts_of, plain, unquoted, weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

BARE: Final = 40
"""Words under which a page has no text to speak of. A wire item has 60."""
SHORT: Final = 150
"""Words up to which a page can be an interstitial."""
TEASER: Final = 150
"""Words under which the text of a page that is not free is its teaser."""
LONG: Final = 300
"""Words from which a text is not a page of an error."""
WALL: Final = 700
"""Words up to which a text can be a consent wall."""
ASIDE: Final = 50
"""Words not about consent that a wall may have."""
PROSE: Final = 60
"""Words together from which a page has prose of its own."""
LINKS: Final = 10
"""Links like headlines from which a page is a list; half of it where the page says it is one."""
SHRUNK_FROM: Final = 600
"""Characters a revision must have had for the next to be far shorter."""
SHRUNK: Final = 1 / 3
"""Share of the last revision's length under which a text is far shorter."""
CUT: Final = 0.8
"""The same for a text with the warning ``paywalled``: a metered page that gave all of it once may give less later."""

_SEPARATOR: Final = re.compile(r"\s[|\u2013\u2014\u00b7\u00bb\u2022-]\s|[|\u00bb]")
_NUMBER: Final = re.compile(
    r"\b(?:404|http|error|erreur|fehler|errore|erro|fout|fel|ошибка|помилка|oops|ups|sorry|hata|错误)\b"
)
_INTRO: Final = 60
"""Words in which a page of an error says so."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a page beside its tree.

    Attributes:
        url: its final address.
        asked: the addresses it was reached over, the one asked for among them.
        title: as it was extracted.
        paragraphs: as they were extracted; may be none.
    """

    url: str
    asked: tuple[str, ...]
    title: str | None
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says.

    Attributes:
        reason: why the page is no article, or None.
        detail: one sentence for a person, empty without a reason.
        warnings: ``paywalled``, for a page that passes.
    """

    reason: Reason | None = None
    detail: str = ""
    warnings: tuple[str, ...] = ()


def judge(tree: HtmlElement, markup: Markup, told: Told) -> Verdict:
    """Say whether a page is an article.

    Args:
        tree: the parsed page.
        markup: what it says of itself.
        told: what was extracted of it, and where it came from.
    """
    page = _Page(tree, markup, told)
    return page.challenge() or page.missing() or page.consent() or page.paywall() or page.index() or Verdict()


def shrunk(old: int, new: int, *, partial: bool = False) -> bool:
    """Whether a text is far shorter than the revision before it, so that it more likely lost its article than was cut.

    Args:
        old: characters of the last revision; 0 when they are not known.
        new: characters of the new text.
        partial: the new text comes from a page that is not free, so that a cut is most likely the wall's.
    """
    return old >= SHRUNK_FROM and new < old * (CUT if partial else SHRUNK)


class _Page:
    """One page while it is judged: what is looked at only when a rule asks."""

    def __init__(self, tree: HtmlElement, markup: Markup, told: Told) -> None:
        self.tree = tree
        self.markup = markup
        self.told = told
        self.words = sum(map(weight, told.paragraphs))
        self.nodes = _nodes(markup, told.url)
        self._facts: Facts | None = None
        self._text: str | None = None

    @property
    def facts(self) -> Facts:
        self._facts = self._facts or facts_of(self.tree)
        return self._facts

    @property
    def is_article(self) -> bool:
        """Whether the page says that it is one article, in markup that templates do not put everywhere."""
        return bool(self.nodes or self.markup.meta("article:published_time")) or self.facts.structured

    @property
    def text(self) -> str:
        """What a reader sees of a short page, and what was extracted, in lower case without quotations."""
        if self._text is None:
            pieces = (*self.told.paragraphs[:50], *pagefacts.shown(self.tree, 6_000))
            self._text = unquoted("\n".join(pieces))
        return self._text

    def challenge(self) -> Verdict | None:
        if self.words > SHORT:
            return None
        told = phrases.count("challenge_body", self.text)
        if (told or self.words < BARE) and pagefacts.is_guarded(self.tree):
            return Verdict(Reason.BOT_CHALLENGE, "the page is the question of a bot guard, marked as such")
        titles = self._titles()
        if told and any(t in phrases.of("challenge_title") for t in titles):
            return Verdict(Reason.BOT_CHALLENGE, "title and text ask whether the reader is a person")
        if told > 1 and not self._has_headline() and not self.is_article:
            return Verdict(Reason.BOT_CHALLENGE, "the text asks whether the reader is a person")
        return None

    def missing(self) -> Verdict | None:
        if self.words >= LONG:
            return None
        heading = self.facts.heading
        titles = [plain(heading)] if heading and self._has_headline() else self._titles()
        named = any(map(_says_missing, titles))
        # What is extracted of such a page may be a list of other articles: only its beginning speaks of itself.
        told = phrases.count("missing_body", self.text if self.words < SHORT else self._beginning())
        bare = self.words < BARE
        if named and (told or bare) and (bare or not self.is_article):
            return Verdict(
                Reason.SOFT_404, "answered with status 200, and its heading says that it is not there"
            )
        if bare and told and not self.is_article and self.facts.headlines < LINKS:
            return Verdict(
                Reason.SOFT_404, "answered with status 200, and its text says that it is not there"
            )
        if self._led_home() and not self.is_article and (bare or self.facts.headlines >= LINKS // 2):
            return Verdict(Reason.SOFT_404, "the article's address led to the front page")
        return None

    def consent(self) -> Verdict | None:
        lines: Sequence[str] = self.told.paragraphs
        if self.words > WALL:
            return None
        if self.words < BARE // 2:
            lines = pagefacts.shown(self.tree, 6_000)
        folded = [unquoted(line) for line in lines]
        said = phrases.count("consent_body", "\n".join(folded))
        if said < 2:  # noqa: PLR2004 - one may be anybody's
            return None
        spoken = sum(weight(line) for line in folded if phrases.has("consent_word", line))
        aside = sum(map(weight, folded)) - spoken
        if aside >= ASIDE or aside > spoken:
            return None
        place = urlsplit(self.told.url)
        matches = (place.hostname or "").startswith(("consent.", "cmp.", "privacy.", "myprivacy.")) or any(
            plain(label) in phrases.of("consent_button") for label in self.facts.buttons
        )
        if matches or said >= 4:  # noqa: PLR2004
            return Verdict(Reason.CONSENT_WALL, f"{said} phrases of a consent dialogue, and little else")
        return None

    def paywall(self) -> Verdict | None:
        locked = [n for n in (*self.nodes, *self.markup.pages) if paywall.is_locked(n)]
        if not locked and self.markup.meta("article:content_tier") != "locked":
            ends = unquoted("\n".join(self.told.paragraphs[-3:])) if 0 < self.words < TEASER else ""
            if ends and phrases.has("paywall_body", ends):
                return Verdict(
                    Reason.PAYWALL_TEASER, f"{self.words} words, the last of which ask to subscribe"
                )
            return None
        if self.words >= TEASER or any(paywall.is_whole(node, self.tree, self.words) for node in locked):
            return Verdict(warnings=("paywalled",))
        return Verdict(
            Reason.PAYWALL_TEASER, f"the page says that it is not free, and has {self.words} words"
        )

    def index(self) -> Verdict | None:
        if self.is_article:
            return None
        facts, declared = self.facts, bool(self.markup.kinds & {"collectionpage", "searchresultspage"})
        home = urlsplit(self.told.url).path in {"", "/"}
        if facts.headlines < (LINKS // 2 if declared else LINKS):
            return None
        if self._prose() >= PROSE or (self._has_headline() and not declared and not home):
            return None
        return Verdict(Reason.INDEX_PAGE, f"{facts.headlines} links like headlines, and no text of its own")

    def _has_headline(self) -> bool:
        """Whether a headline stands above: more words than a section's name, and none of those of an interstitial."""
        heading = self.facts.heading
        if heading is None or weight(heading) < pagefacts.HEADLINE:
            return False
        return plain(heading) not in phrases.of("challenge_title")

    def _prose(self) -> int:
        """Words of the longest text the page has in one piece, links left out."""
        run = longest = 0
        for line in self.told.paragraphs:
            run = 0 if line in self.facts.linked else run + weight(line)
            longest = max(longest, run)
        # Teasers follow each other in what is extracted; in the page, each stands in an element of its own.
        return min(longest, self.facts.block) if self.facts.paragraphs >= longest / 2 else longest

    def _titles(self) -> list[str]:
        """The titles a page may be known by: heading, title, and the parts of the latter."""
        title = self.tree.findtext(".//title") or ""
        told = [self.facts.heading or "", self.told.title or "", title, *_SEPARATOR.split(title)]
        return [plain(t) for t in told if t.strip()]

    def _beginning(self) -> str:
        words = " ".join(self.told.paragraphs[:5]).split()[:_INTRO]
        return unquoted(" ".join(words))

    def _led_home(self) -> bool:
        final = urlsplit(self.told.url)
        if final.path not in {"", "/"} or final.query:
            return False
        asked = (urlsplit(a) for a in self.told.asked)
        return any(a.hostname == final.hostname and re.search(r"\d{4}|-[^/]+-", a.path) for a in asked)


def _says_missing(title: str) -> bool:
    rest = " ".join(_NUMBER.sub(" ", title).split())
    return (
        rest in phrases.of("missing_title")
        or title in phrases.of("missing_title")
        or (not rest and "404" in title)
    )


def _nodes(markup: Markup, url: str) -> tuple[dict[str, Any], ...]:
    """The nodes of this page's article: a list of several that name no address is a list of articles."""
    urls = (url, markup.canonical) if markup.canonical else (url,)
    own = [(about(node, urls), node) for node in markup.articles]
    sure = tuple(node for which, node in own if which == "this")
    unsure = tuple(node for which, node in own if which == "unknown")
    return sure or (unsure if len(unsure) <= 2 else ())  # noqa: PLR2004 - some pages write their one article twice
