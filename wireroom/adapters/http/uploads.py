"""Document files in an HTTP body: one as text, many as a form, or as JSON. A name is never a path."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.multipart import parse_content_disposition

from wireroom.adapters.http.bodies import DocumentsIn, body_of
from wireroom.adapters.http.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

File = tuple[str, bytes]

NAMELESS: Final = "document.txt"
LONGEST_NAME: Final = 200
"""Most characters of a file's name that are kept; its end is, as it says what the file is."""
MOST_FILES: Final = 10_000
"""Most files in one request."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def safe_name(name: str | None) -> str:
    """The last part of a name, without control characters, cut to a bearable length."""
    text = (name or "").encode("utf-8", "replace").decode()
    last = _CONTROL.sub("", re.split(r"[/\\]", text)[-1]).strip()
    return last[-LONGEST_NAME:] if last.strip(".") else NAMELESS


async def files_of(request: web.Request) -> list[File]:
    """The files in a request, named.

    Raises:
        ProblemError: another type (415), broken (400), too many (413), or not as the model says (422).
    """
    if request.content_type == "application/json":
        body = await body_of(request, DocumentsIn)
        files = [(safe_name(document.name), document.text.encode()) for document in body.documents]
    elif request.content_type == "multipart/form-data":
        files = [file async for file in _form(request)]
    elif request.content_type == "text/plain":
        files = [_text(request, await request.read())]
    else:
        raise ProblemError(
            "unsupported_type",
            f"send text/plain, multipart/form-data or application/json, not {request.content_type}",
        )
    if len(files) > MOST_FILES:
        raise ProblemError("too_large", f"{len(files)} files in one request; at most {MOST_FILES} are taken")
    return files


def _text(request: web.Request, body: bytes) -> File:
    charset = (request.charset or "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise ProblemError(
            "unsupported_type", f"documents are UTF-8; save the text as such, not as {charset}"
        )
    _, parameters = parse_content_disposition(request.headers.get("Content-Disposition"))
    named = parameters.get("filename*") or parameters.get("filename")
    return safe_name(request.query.get("name") or named), body


async def _form(request: web.Request) -> AsyncIterator[File]:
    """The parts of a form, from the body that was read already."""
    loop = asyncio.get_running_loop()
    body = await request.read()
    stream = StreamReader(BaseProtocol(loop), max(len(body), 1), loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    try:
        reader = MultipartReader(request.headers, stream)
        number = 0
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise ProblemError("invalid_request", "a form within a form is not taken")
            number += 1
            if number > MOST_FILES:
                raise ProblemError("too_large", f"more than {MOST_FILES} files in one request")
            yield safe_name(part.filename or part.name), bytes(await part.read(decode=True))
    except (ValueError, AssertionError, RuntimeError, web.RequestPayloadError) as error:
        raise ProblemError("invalid_request", f"the form cannot be read: {error}") from None
