"""The footer of a document: ``Sources:`` and the addresses behind it. Pure: text in, addresses out.

The rule of the contract: the last non-empty block, when it begins with ``Sources:`` or ``Source:`` (any case) and holds
one or more http(s) addresses. Everything here runs in time linear in the text: a footer may hold 10,000 addresses, or
a million brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wireroom import urls
from wireroom.errors import UrlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MARKER: Final = re.compile(r"\s*sources?[^\S\n]*:", re.IGNORECASE)

_ADDRESS: Final = re.compile(
    r"<(https?://[^<>\s]+)>"  # in angle brackets to the letter, as RFC 3986 appendix C advises
    r"|(?<![A-Za-z0-9+.-])"
    # Commas, semicolons and bars are legal inside an address: they separate only where the next address begins.
    r"(https?://(?:(?![,;|]https?://)[^\s<>\"“”«»，、；])+)",  # noqa: RUF001 - full-width separators are meant
    re.IGNORECASE,
)
_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}
_TRAILING: Final = frozenset(".,;:!?|'‘’…。：！？）」』】》")  # noqa: RUF001 - typographic marks are meant


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a footer, sorted into those that can be fetched and those that cannot.

    Attributes:
        good: as written, in order; an address that `urls.check` spells the same way is a repeat and left out.
        broken: as written, in order, without repeats.
    """

    good: tuple[str, ...]
    broken: tuple[str, ...]


def candidates(text: str) -> Iterator[str]:
    """Everything in the text that means to be an http(s) address, without the punctuation around it."""
    for match in _ADDRESS.finditer(text):
        exact, bare = match.groups()
        url = exact if exact is not None else _trim(bare)
        if url.partition("://")[2]:
            yield url


def addresses(written: Iterable[str]) -> Addresses:
    """Sort addresses as they were written into good and broken ones."""
    good: dict[str, str] = {}
    broken: dict[str, None] = {}
    for url in written:
        try:
            good.setdefault(urls.check(url), url)
        except UrlError:
            broken.setdefault(url)
    return Addresses(tuple(good.values()), tuple(broken))


def begins(lines: Sequence[str]) -> bool:
    """Whether these lines, as one block, are a footer."""
    text = "\n".join(lines)
    return MARKER.match(text) is not None and next(candidates(text), None) is not None


def start(lines: Sequence[str]) -> int:
    """Where the footer begins when each line is a paragraph of its own; ``len(lines)`` when there is none.

    It begins at the last line with the marker, if it or a line after it holds an address and nothing but addresses
    comes after that line.
    """
    found = False
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line.strip():
            continue
        if MARKER.match(line):
            return index if found or next(candidates(line), None) is not None else len(lines)
        if not _only_addresses(line):
            break
        found = True
    return len(lines)


def write(sources: Iterable[str]) -> str:
    """The footer's text. An address that would not read back as it is goes into angle brackets."""
    return "Sources: " + ", ".join(map(_write, sources))


def _write(url: str) -> str:
    if list(candidates(url)) == [url]:
        return url
    # A checked address never holds the brackets; one that stood on a line of its own may.
    return f"<{urls.check(url)}>" if "<" in url or ">" in url else f"<{url}>"


def _only_addresses(line: str) -> bool:
    rest, count = _ADDRESS.subn(" ", line)
    return count > 0 and not any(c.isalpha() for c in rest)


def _trim(url: str) -> str:
    """Cut the sentence's punctuation off an address; a bracket stays when its partner stands inside the address."""
    if url[-1] not in _TRAILING and url[-1] not in _CLOSERS:
        return url
    surplus = {closer: url.count(closer) - url.count(opener) for closer, opener in _CLOSERS.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]
