"""The cheap look at a page before it is parsed: what would cost seconds or minutes is refused in milliseconds.

Law: linear in the length of the page, whatever stands in it. Measured with lxml 6.1.3 and trafilatura 2.3.1: time
grows with the square of the attributes of one tag (4,000 take 0.015 s, 10,000 0.09 s, 40,000 1.6 s to more than 90 s
with what runs after the parse) and faster than linearly with the number of elements (20,000 paragraphs 1 s in
one pass, 40,000 3 s, 100,000 more than 45 s).
"""

from __future__ import annotations

import re

from wireroom.errors import Reason, WorkError

MAX_TAGS = 40_000
"""Opening tags of one page. The longest news pages measured have fewer than 20,000."""
MAX_ATTRIBUTES = 2_000
"""Attributes of one tag."""
MAX_ATTRIBUTE_COST = 30_000_000
"""Sum over long tags of their attributes squared: about two seconds of parsing."""
LONG_TAG = 400
"""Characters from which the attributes of a tag are counted."""
MAX_DEPTH = 250
"""Elements inside each other. The parser drops what is deeper than 256."""

# As the HTML standard's tokenizer reads it: quotes count only after an equals sign. Possessive, so one pass.
_LONG_TAG = re.compile(
    r"<[a-zA-Z](?:=\s*+(?:\"[^\"]*+\"|'[^']*+')|[^>])*+",
)
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_OPENING = re.compile(r"<[a-zA-Z]")


def look(html: str) -> None:
    """Refuse a page that is no page but a load test.

    Args:
        html: the decoded page.

    Raises:
        WorkError: EXTRACTION_ERROR with what there is too much of.
    """
    if html.count("<") > MAX_TAGS:
        tags = sum(1 for _ in _OPENING.finditer(html))
        if tags > MAX_TAGS:
            raise _too_much(f"{tags} elements, more than the {MAX_TAGS} a page may have")
    cost = 0
    for found in _LONG_TAG.finditer(html):
        start, end = found.span()
        if end - start < LONG_TAG:
            continue
        attributes = _attributes(found[0])
        cost += attributes * attributes
        if attributes > MAX_ATTRIBUTES or cost > MAX_ATTRIBUTE_COST:
            raise _too_much(f"a tag with {attributes} attributes")


def _attributes(tag: str) -> int:
    rough = len(tag.split())
    return rough if rough < MAX_ATTRIBUTES // 20 else len(_VALUE.sub("", tag).replace("/", " ").split())


def _too_much(detail: str) -> WorkError:
    return WorkError(Reason.EXTRACTION_ERROR, f"refused before parsing: {detail}")
