"""What the shape of a page tells of its kind: its heading, its links, its buttons, the marks of a guard. Pure.

Law: reads a parsed tree and changes nothing in it; one pass over the elements that matter, never over all. Words are
counted the same for all scripts: where a script sets no blanks, two characters are a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from wireroom.plaintext import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_LINKS: Final = 200
"""Links looked at."""
MOST_PARAGRAPHS: Final = 200
"""Paragraphs looked at."""
MOST_SCRIPT: Final = 20_000
"""Characters of a script looked at."""
HEADLINE: Final = 4
"""Words from which a link reads as a headline and not as a place in a menu."""

_NO_BLANKS: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_QUOTED: Final = re.compile(
    '"[^"]{0,300}"|“[^”]{0,300}”|„[^“”]{0,300}[“”]|«[^»]{0,300}»|「[^」]{0,300}」|『[^』]{0,300}』'
)
_HIDDEN: Final = frozenset({"script", "style", "template", "svg", "option", "head", "title", "meta", "link"})
_GUARDS: Final = (
    *(
        "_cf_chl_opt",
        "/cdn-cgi/challenge-platform/h/g/orchestrate",
        "/cdn-cgi/challenge-platform/h/b/orchestrate",
    ),
    *("captcha-delivery.com", "var dd={'rt'", 'var dd={"rt"'),  # DataDome
    *("_pxBlockScript", "captcha.px-cdn.net", "captcha.px-cloud.net"),  # HUMAN, formerly PerimeterX
    *("_Incapsula_Resource?SWUDNSAI", "_Incapsula_Resource?CWUDNSAI"),  # Imperva
    *("bm-verify", "/_sec/cp_challenge/", "sec_chlge_form"),  # Akamai
    *("gokuProps", "sucuri_cloudproxy_js", ".well-known/ddos-guard/check", "anubis_challenge"),
)
"""What stands in the scripts and frames of interstitials only. The sensors these firms put into ordinary pages
(``/cdn-cgi/challenge-platform/scripts/jsd``, ``js.datadome.co/tags.js``, ``_pxAppId`` alone) are no mark."""
_GUARD_IDS: Final = etree.XPath(
    "boolean(//*[@id='challenge-form' or @id='challenge-error-text' or @id='challenge-running' or @id='cf-wrapper'"
    " or @id='px-captcha' or @id='sec-if-cpt-container' or @id='anubis_challenge' or @id='captcha-box'"
    " or @id='cf-chl-widget' or @id='cf-error-details'])"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The shape of one page.

    Attributes:
        heading: the first ``h1`` that has a text and is no link, else None.
        headlines: links that read as headlines and do not stand in running text.
        linked: the texts of those links.
        block: words outside links in the paragraphs of the one element that holds most of them.
        paragraphs: words outside links in all paragraphs.
        buttons: what can be pressed, and short links.
        structured: an element says that it holds the body of an article.
    """

    heading: str | None
    headlines: int
    linked: frozenset[str]
    block: int
    paragraphs: int
    buttons: frozenset[str]
    structured: bool


def facts_of(tree: HtmlElement) -> Facts:
    """Look at a page once."""
    heading: str | None = None
    headlines: list[str] = []
    prose: dict[HtmlElement, int] = {}
    inside: set[HtmlElement] = set()
    buttons: set[str] = set()
    links = paragraphs = 0
    for element in tree.iter("h1", "p", "a", "button", "input"):
        tag = element.tag
        if paragraphs >= MOST_PARAGRAPHS and links >= MOST_LINKS:
            break
        if tag == "p" and paragraphs < MOST_PARAGRAPHS:
            paragraphs += 1
            own = _own_words(element, inside)
            parent = element.getparent()
            if own and parent is not None:
                prose[parent] = prose.get(parent, 0) + own
        elif tag == "h1":
            heading = heading or _unlinked(element)
        elif tag == "a" and links < MOST_LINKS:
            links += 1
            text = " ".join(element.text_content().split())
            if weight(text) >= HEADLINE and element not in inside:
                headlines.append(text)
            elif text:
                buttons.add(text[:80])
        elif tag in {"button", "input"}:
            buttons.add((element.get("value") or "" if tag == "input" else element.text_content())[:80])
    return Facts(
        heading=heading,
        headlines=len(headlines),
        linked=frozenset(headlines),
        block=max(prose.values(), default=0),
        paragraphs=sum(prose.values()),
        buttons=frozenset(buttons),
        structured=bool(_BODY(tree)),
    )


_BODY: Final = etree.XPath("boolean(//*[@itemprop='articleBody'])")


def is_guarded(tree: HtmlElement) -> bool:
    """Whether a page has what only the interstitial of a bot guard has."""
    if _GUARD_IDS(tree):
        return True
    for element in tree.iter("script", "iframe", "form", "meta"):
        told = (element.get("src"), element.get("action"), element.get("content"), element.text)
        for text in told:
            if text and any(mark in text[:MOST_SCRIPT] for mark in _GUARDS):
                return True
    return False


def shown(tree: HtmlElement, most: int) -> tuple[str, ...]:
    """The pieces of text a reader sees, the first ``most`` characters of them; what follows an element comes early."""
    pieces, length = [], 0
    for element in tree.iter(etree.Element):
        own = element.text if element.tag not in _HIDDEN else None
        for piece in (own, element.tail):
            if piece and (line := one_line(piece)):
                pieces.append(line)
                length += len(line)
        if length > most:
            break
    return tuple(pieces)


def marked(tree: HtmlElement, selector: str) -> str:
    """The text of the elements a selector of a class, an id or a name picks; empty for any other selector."""
    texts = []
    for part in selector.split(",")[:5]:
        found = re.fullmatch(r"\s*(?:[\w\s>-]*\s)?([a-z][\w-]*)?(?:([.#])([\w-]+))?(?:\.[\w-]+)*\s*", part)
        if not found or not (found[1] or found[3]):
            continue
        attribute = {".": "class", "#": "id"}.get(found[2] or "", "")
        for element in tree.iter(found[1] or etree.Element):
            if not attribute or found[3] in (element.get(attribute) or "").split():
                texts.append(one_line(element.text_content()))
                if len(texts) >= 20:  # noqa: PLR2004 - parts of one article
                    break
    return " ".join(texts)


def weight(text: str) -> int:
    """How many words a text has."""
    count = len(text.split())
    return count if text.isascii() else count + len(_NO_BLANKS.findall(text)) // 2


def plain(text: str) -> str:
    """A label or title as it is compared: lower case, without marks at its ends and between its words."""
    folded = one_line(text[:300]).casefold().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w\s'%-]|(?<!\w)['-]|['-](?!\w)", " ", folded).split())


def unquoted(text: str) -> str:
    """A text in lower case without what stands in quotation marks: what it says itself, not what it reports."""
    return _QUOTED.sub(" ", text).casefold().replace("\u2019", "'")


def _own_words(paragraph: HtmlElement, inside: set[HtmlElement]) -> int:
    """Words of a paragraph outside its links; remembers its links when it is running text."""
    own, links = weight(paragraph.text_content()), list(paragraph.iter("a"))
    own -= sum(weight(a.text_content()) for a in links)
    if own >= HEADLINE:
        inside.update(links)
    return max(own, 0)


def _unlinked(heading: HtmlElement) -> str | None:
    parent = heading.getparent()
    if heading.find(".//a") is not None or (parent is not None and parent.tag == "a"):
        return None
    return one_line(heading.text_content()) or None
