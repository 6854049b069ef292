"""Document files in an HTTP body: one as text, many as a form, or as JSON. A name is never a path."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from wireroom.adapters.http.arrival import body_bytes
from wireroom.adapters.http.bodies import DocumentsIn, body_of
from wireroom.adapters.http.forms import FormError, boundary_of, file_name, parameters, parts
from wireroom.adapters.http.problems import ProblemError
from wireroom.adapters.http.replies import printable

if TYPE_CHECKING:
    from aiohttp import web

File = tuple[str, bytes]

NAMELESS: Final = "document.txt"
LONGEST_NAME: Final = 200
"""Most characters of a file's name that are kept; its end is, as it says what the file is."""
MOST_FILES: Final = 10_000
"""Most files in one request."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def safe_name(name: str | None) -> str:
    """The last part of a name, without control characters, cut to a bearable length."""
    text = printable(name or "")
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
    elif request.content_type.startswith("multipart/"):
        files = await asyncio.to_thread(_form, request.headers["Content-Type"], body_bytes(request))
    elif request.content_type == "text/plain":
        files = [_text(request, body_bytes(request))]
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
    named = file_name(parameters(request.headers.get("Content-Disposition", "")))
    return safe_name(request.query.get("name") or named), body


def _form(content_type: str, body: bytes) -> list[File]:
    try:
        return [
            (safe_name(part.name), part.data) for part in parts(body, boundary_of(content_type), MOST_FILES)
        ]
    except FormError as error:
        raise ProblemError("invalid_request", f"the form cannot be read: {error}") from None
