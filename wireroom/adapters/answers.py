"""What an HTTP answer says, read under bounds. Knows aiohttp's response; asks for nothing itself.

Whatever comes back from here can be stored and logged: header values are printable or gone, bodies are decoded and
within their cap, and everything else is a `FetchError` with its reason.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from wireroom import codings, linkheader, mediatypes, retryafter, urls
from wireroom.errors import FetchError, Reason
from wireroom.fetched import Memento

if TYPE_CHECKING:
    import aiohttp

OK = 200
NOT_MODIFIED = 304
GZIP = b"\x1f\x8b\x08"
"""How a gzip file begins: sitemaps are often kept as such."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429})
"""Client errors that may pass (RFC 9110, 15.5.9; RFC 8470; RFC 6585); each server error may."""
_SERVER_ERROR = 500
_LONGEST = 1024
"""Characters of a header that are kept: longer ones are no use and take room."""
_UNPACKING = ThreadPoolExecutor(2, thread_name_prefix="unpack")
"""Threads of their own: those that ask Redis must not wait for a bomb."""
_MOST = 16
"""Fields of one name that are kept."""
_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s{0,3}=\s{0,3}\"?(\d{1,10})", re.ASCII | re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,10}", re.ASCII)
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def redirect_target(base: str, answer: aiohttp.ClientResponse) -> str | None:
    """The checked address an answer leads on to; None when it is no redirect.

    Raises:
        FetchError: ``invalid_url``: it leads to what cannot be fetched: another scheme, user info, a broken address.
    """
    location = answer.headers.get("Location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    link = _as_written(location)
    target = urls.resolve(base, link)
    if target is None:
        raise FetchError(
            Reason.INVALID_URL,
            f"redirected to {link[:_LONGEST]!r}, which is not fetched",
            status=answer.status,
        )
    return target.partition("#")[0]


def must_be_ok(answer: aiohttp.ClientResponse) -> None:
    """Refuse any answer that is not 200.

    Raises:
        FetchError: ``http_status``, with what ``Retry-After`` says.
    """
    status = answer.status
    if status == OK:
        return
    if status == NOT_MODIFIED:
        raise FetchError(Reason.PROTOCOL_ERROR, "304 to a request without a condition", status=status)
    now = retryafter.parse_date(answer.headers.get("Date")) or datetime.now(UTC)
    raise FetchError(
        Reason.HTTP_STATUS,
        f"the server answered {status}",
        temporary=status in _PASSING or status >= _SERVER_ERROR,
        status=status,
        retry_after=retryafter.parse(answer.headers.get("Retry-After"), now),
    )


async def read_page(answer: aiohttp.ClientResponse, limit: int) -> tuple[bytes, int]:
    """The whole body of a page, decoded, and its length on the wire.

    Args:
        answer: a 200.
        limit: most bytes, on the wire and decoded.

    Raises:
        FetchError: ``too_large``, ``unsupported_type``, ``unsupported_encoding`` or ``protocol_error``.
    """
    kind = content_type(answer)
    if mediatypes.binary_type(kind):
        raise _no_text(answer, kind)
    if (answer.content_length or 0) > limit:
        raise _too_large(answer, limit)
    body, wire, whole = await _read(answer, limit, sniff=True)
    if not whole:
        raise _too_large(answer, limit)
    return bytes(body), wire


async def read_feed(answer: aiohttp.ClientResponse, limit: int) -> tuple[bytes, int]:
    """The whole body of a feed or sitemap, decoded; one that is a gzip file by itself is unpacked, too.

    Args:
        answer: a 200.
        limit: most bytes, on the wire and unpacked.

    Raises:
        FetchError: ``too_large``, ``unsupported_encoding`` or ``protocol_error``.
    """
    if (answer.content_length or 0) > limit:
        raise _too_large(answer, limit)
    read, wire, whole = await _read(answer, limit, sniff=False)
    if not whole:
        raise _too_large(answer, limit)
    body = bytes(read)
    return _unpacked(answer, body, limit) if body.startswith(GZIP) else body, wire


def _unpacked(answer: aiohttp.ClientResponse, body: bytes, limit: int) -> bytes:
    decoder = codings.Decoder("gzip", limit)
    try:
        data = decoder.feed(body)
        if not decoder.over:
            decoder.finish()
    except codings.BombError as exc:
        raise FetchError(Reason.TOO_LARGE, str(exc), status=answer.status) from exc
    except codings.CodingError as exc:
        raise FetchError(Reason.PROTOCOL_ERROR, str(exc), temporary=True, status=answer.status) from exc
    if decoder.over:
        raise _too_large(answer, limit)
    return data


def max_age(answer: aiohttp.ClientResponse) -> float | None:
    """Seconds an answer stays fresh by its ``Cache-Control`` (RFC 9111, 5.2.2.1), less its ``Age``; None if it says nothing."""
    found = _MAX_AGE.search(", ".join(answer.headers.getall("Cache-Control", [])))
    if found is None:
        return None
    age = answer.headers.get("Age", "0").strip()
    return max(0.0, float(found[1]) - (float(age) if _SECONDS.fullmatch(age) else 0.0))


async def read_start(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """The first bytes of a body, decoded; the rest is not read.

    Raises:
        FetchError: ``unsupported_encoding`` or ``protocol_error``.
    """
    body, _, _ = await _read(answer, limit, sniff=False)
    return bytes(body)


async def _read(answer: aiohttp.ClientResponse, limit: int, *, sniff: bool) -> tuple[bytearray, int, bool]:
    """Decoded bytes up to the limit, wire length, and whether that was all."""
    body, wire = bytearray(), 0
    try:
        decoder = codings.Decoder(", ".join(answer.headers.getall("Content-Encoding", [])), limit)
        async for data in answer.content.iter_any():
            wire += len(data)
            body += await _fed(decoder, data)
            if sniff and len(body) >= mediatypes.SNIFFED:
                sniff = _look(answer, body)
            # A coded body may be long on the wire and yet decode to nothing.
            if decoder.over or wire > limit:
                return body, wire, False
        decoder.finish()
    except codings.UnknownCodingError as exc:
        raise FetchError(Reason.UNSUPPORTED_ENCODING, str(exc), status=answer.status) from exc
    except codings.BombError as exc:
        raise FetchError(Reason.TOO_LARGE, str(exc), status=answer.status) from exc
    except codings.CodingError as exc:
        raise FetchError(Reason.PROTOCOL_ERROR, str(exc), temporary=True, status=answer.status) from exc
    if sniff:
        _look(answer, body)
    return body, wire, True


async def _fed(decoder: codings.Decoder, data: bytes) -> bytes:
    """What a piece of a body decodes to; what takes long is left to a thread, and other pages go on."""
    if not decoder.slow:
        return decoder.feed(data)
    return await asyncio.get_running_loop().run_in_executor(_UNPACKING, decoder.feed, data)


def _look(answer: aiohttp.ClientResponse, body: bytearray) -> bool:
    """Refuse a body whose first bytes are no text. Returns False: there is no need to look again."""
    kind = mediatypes.binary_head(bytes(body[: mediatypes.SNIFFED]))
    if kind is not None:
        raise _no_text(answer, kind)
    return False


def _no_text(answer: aiohttp.ClientResponse, kind: str) -> FetchError:
    return FetchError(Reason.UNSUPPORTED_TYPE, f"the page is {kind}, no text", status=answer.status)


def _too_large(answer: aiohttp.ClientResponse, limit: int) -> FetchError:
    return FetchError(Reason.TOO_LARGE, f"the page is larger than {limit:,} bytes", status=answer.status)


def content_type(answer: aiohttp.ClientResponse) -> str:
    """The media type in lower case, without parameters; empty when the server names none."""
    if "Content-Type" not in answer.headers:
        return ""
    return token(answer.content_type.lower()) or ""


def token(value: str | None) -> str | None:
    """A header value that only means something unchanged: as it is when it can be kept and sent back, else None."""
    if value is None or len(value) > _LONGEST or not _PRINTABLE.fullmatch(value):
        return None
    return value


def words(answer: aiohttp.ClientResponse, name: str) -> str | None:
    """All fields of one name for a reader, one a line; None when there is none."""
    fields = answer.headers.getall(name, [])[:_MOST]
    return "\n".join(_UNPRINTABLE.sub("\ufffd", field)[:_LONGEST] for field in fields) or None


def memento(answer: aiohttp.ClientResponse) -> Memento | None:
    """What the headers say of a capture; None where there is no ``Memento-Datetime``, so that it is none (RFC 7089)."""
    captured = token(answer.headers.get("Memento-Datetime"))
    if captured is None:
        return None
    changed = token(answer.headers.get("X-Archive-Orig-Last-Modified"))
    return Memento(captured, changed, words(answer, "X-Archive-Orig-X-Robots-Tag"))


def canonical_links(answer: aiohttp.ClientResponse) -> tuple[str, ...]:
    """The addresses that ``Link`` fields declare to be the page's own (RFC 6596), as they are written."""
    found = linkheader.targets(", ".join(answer.headers.getall("Link", [])), "canonical")
    return tuple(link for target in islice(found, _MOST) if len(link := _as_written(target)) <= _LONGEST)


def _as_written(address: str) -> str:
    """An address of a header; bytes beyond ASCII are percent-encoded as they came, as browsers do."""
    return quote_from_bytes(address.strip().encode("utf-8", "surrogateescape"), safe=_ASCII)
