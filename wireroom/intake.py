"""What comes in, checked: a document file becomes a listing, or a rejection that says why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireroom import urls
from wireroom.document import decode, document_id, parse
from wireroom.errors import DocumentError, Reason, UrlError
from wireroom.records import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Rejection:
    """What was not taken in: a whole file, or one address of a file that was.

    Attributes:
        name: the file's name as it was given; the address, where none belongs to a file.
        reason: the code.
        detail: one sentence for a person; it names the address, where one is meant.
    """

    name: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Files that were looked at.

    Attributes:
        listings: what can be taken in.
        rejections: what cannot.
    """

    listings: tuple[Listing, ...]
    rejections: tuple[Rejection, ...]

    def answer(self, batch: str) -> dict[str, Any]:
        """What a caller is told, as the contract names it."""
        return {
            "batch": batch,
            "accepted": [
                {"name": listing.name, "id": listing.id, "urls": list(listing.urls)}
                for listing in self.listings
            ],
            "rejected": [
                {"name": rejection.name, "reason": rejection.reason, "detail": rejection.detail}
                for rejection in self.rejections
            ],
        }


def check_files(files: Iterable[tuple[str, bytes]], *, max_bytes: int, max_urls: int) -> Checked:
    """Look at document files. One that cannot be taken keeps no other from being taken.

    Args:
        files: name and bytes of each.
        max_bytes: largest file taken.
        max_urls: most source URLs a document may list.
    """
    listings: list[Listing] = []
    rejections: list[Rejection] = []
    for name, data in files:
        try:
            listing = check_file(name, data, max_bytes=max_bytes, max_urls=max_urls)
        except DocumentError as error:
            rejections.append(Rejection(error.name, error.reason, error.detail))
            continue
        listings.append(listing)
        rejections += [
            Rejection(name, Reason.INVALID_URL, f"{url!r}: {detail}; the document was taken without it")
            for url, detail in listing.broken
        ]
    return Checked(tuple(listings), tuple(rejections))


def check_file(name: str, data: bytes, *, max_bytes: int, max_urls: int) -> Listing:
    """Look at one document file.

    Raises:
        DocumentError: it cannot be taken; says why.
    """
    text = decode(data, name, max_bytes)
    document = parse(text, name=name)
    if len(document.sources) > max_urls:
        detail = (
            f"lists {len(document.sources)} source URLs; at most {max_urls} are taken (WIREROOM_MAX_URLS)"
        )
        raise DocumentError(name, Reason.TOO_MANY_URLS, detail)
    found = {urls.canonical(url): urls.check(url) for url in reversed(document.sources)}
    return Listing(
        name=name,
        id=document_id(data),
        text=text,
        layout=document.layout.value,
        urls=tuple(reversed(found.values())),
        broken=tuple((url, _fault(url)) for url in document.broken_urls),
    )


def _fault(url: str) -> str:
    try:
        urls.check(url)
    except UrlError as error:
        return error.detail
    return "not taken"
