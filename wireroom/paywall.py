"""What a page says in structured data of being free, and whether what is behind its wall is there all the same. Pure.

The properties are schema.org's ``isAccessibleForFree``, ``hasPart`` and ``cssSelector``, as search engines ask for them
(https://developers.google.com/search/docs/appearance/structured-data/paywalled-content).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wireroom import pagefacts, phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

PART: Final = 40
"""Words from which the part behind the wall is there."""
WHOLE: Final = 0.8
"""Share of the words a page counts that makes a text all of it."""


def is_locked(node: dict[str, Any]) -> bool:
    """Whether a node says that its page, or a part of it, is not free."""
    return _is_false(node.get("isAccessibleForFree")) or any(
        _is_false(part.get("isAccessibleForFree")) for part in _parts(node)
    )


def _is_false(value: Any) -> bool:
    """``isAccessibleForFree`` as sites write it: false, "False", "no", an address of schema.org's False."""
    if isinstance(value, str):
        return value.strip().lower().rsplit("/", 1)[-1] in {"false", "no"}
    return value is False


def _parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    parts = node.get("hasPart")
    yield from (p for p in (parts if isinstance(parts, list) else [parts])[:20] if isinstance(p, dict))


def is_whole(node: dict[str, Any], tree: HtmlElement, words: int) -> bool:
    """Whether a short text of a page that is not free is all there is.

    Args:
        node: the page's node.
        tree: the parsed page.
        words: words of the text.
    """
    try:
        count = int(str(node.get("wordCount")))
    except ValueError:
        count = 0
    if count > 0:
        return words >= WHOLE * count
    for part in _parts(node):
        selector = part.get("cssSelector")
        hidden = pagefacts.marked(tree, selector) if isinstance(selector, str) else ""
        if pagefacts.weight(hidden) >= PART and not phrases.has("paywall_body", pagefacts.unquoted(hidden)):
            return True
    return False
