"""Errors as RFC 9457 problem details. Every answer that is no success is made here; none shows a traceback.

``type`` is ``urn:wireroom:problem:<code>``; the codes are the table below. Members beyond the RFC's are named in
``docs/api.md``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import orjson
import redis
import structlog
from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import BadHttpMessage

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.http.replies import PROBLEM, printable
from wireroom.adapters.http.shared import shared
from wireroom.errors import StoreError, StoreFull, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()

CODES: Final[Mapping[str, tuple[int, str]]] = {
    "invalid_request": (400, "The request cannot be read"),
    "unauthorized": (401, "A bearer token is needed"),
    "forbidden": (403, "Requests from there are not taken"),
    "not_found": (404, "There is no such thing"),
    "method_not_allowed": (405, "This cannot be done there"),
    "request_timeout": (408, "The request took too long to arrive"),
    "request_in_progress": (409, "The same request is being worked on"),
    "too_large": (413, "The body is too large"),
    "unsupported_type": (415, "Bodies of this type are not taken"),
    "expectation_failed": (417, "The expectation cannot be met"),
    "invalid_value": (422, "A value is wrong"),
    "idempotency_mismatch": (422, "The Idempotency-Key was used for another request"),
    "nothing_accepted": (422, "Nothing could be taken"),
    "internal_error": (500, "Something went wrong on our side"),
    "store_full": (503, "The store is near its memory budget"),
    "store_unavailable": (503, "The store does not answer"),
    "too_busy": (503, "Too much comes in at a time"),
    "too_many_subscribers": (503, "Too many clients follow the streams"),
}
"""Every code, with its HTTP status and title."""

RETRY_UNAVAILABLE: Final = 2
RETRY_FULL: Final = 10
"""Seconds named in ``Retry-After``."""


class ProblemError(Exception):
    """An answer that is no success.

    Attributes:
        code: one of `CODES`.
        detail: one sentence for a person.
        headers: to be sent with it.
        members: what the problem holds beyond the RFC's members.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    @property
    def status(self) -> int:
        """The HTTP status."""
        return CODES[self.code][0]

    def response(self, path: str) -> web.Response:
        """The answer."""
        status, title = CODES[self.code]
        body = {
            "type": f"urn:wireroom:problem:{self.code}",
            "title": title,
            "status": status,
            "detail": printable(self.detail),
            "instance": printable(path),
            **self.members,
        }
        return web.Response(
            body=orjson.dumps(body), status=status, content_type=PROBLEM, headers=dict(self.headers)
        )


def invalid_parameter(name: str, detail: str) -> ProblemError:
    """A query parameter with a wrong value."""
    return ProblemError("invalid_value", f"{name}: {detail}", errors=[{"parameter": name, "detail": detail}])


def nothing_accepted(rejected: Sequence[Mapping[str, Any]], what: str, **members: Any) -> ProblemError:
    """A request of which nothing could be taken. It holds what the answer would have held beside ``rejected``, too."""
    detail = f"the request holds no {what}"
    if rejected:
        first, more = rejected[0], f", and {len(rejected) - 1} more" if len(rejected) > 1 else ""
        detail = f"{first['name']}: {first['detail']} ({first['reason']}){more}"
    return ProblemError("nothing_accepted", detail, rejected=list(rejected), **members)


def unavailable(detail: str) -> ProblemError:
    """Redis is not there now."""
    return ProblemError("store_unavailable", detail, headers={"Retry-After": str(RETRY_UNAVAILABLE)})


def full(detail: str, retry_after: float = RETRY_FULL) -> ProblemError:
    """Redis has no room now."""
    return ProblemError("store_full", detail, headers={"Retry-After": str(round(retry_after))})


def problem_of(error: Exception) -> ProblemError | None:
    """The problem an error is answered with; None where it is a fault of ours."""
    if isinstance(error, ProblemError):
        return error
    return next((make(error) for kinds, make in _MADE if isinstance(error, kinds)), None)


def _of_aiohttp(error: web.HTTPException) -> ProblemError:
    if isinstance(error, web.HTTPNotFound):
        return ProblemError("not_found", "no such path; /docs lists them")
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{error.method} is not possible here; {allowed} are"
        return ProblemError("method_not_allowed", detail, headers={"Allow": allowed})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return ProblemError("too_large", error.text or "the body is too large")
    return ProblemError("invalid_request", error.reason)


def _unreadable(_: Exception) -> ProblemError:
    return ProblemError("invalid_request", "the body cannot be read: it is cut off or wrongly encoded")


_MADE: Final[tuple[tuple[tuple[type[Exception], ...], Callable[[Any], ProblemError]], ...]] = (
    ((web.HTTPException,), _of_aiohttp),
    ((web.RequestPayloadError, BadHttpMessage), _unreadable),
    ((UsageError,), lambda error: ProblemError("invalid_value", str(error))),
    ((StoreFull,), lambda error: full(str(error), error.retry_after)),
    ((redis.exceptions.OutOfMemoryError,), lambda _: full("Redis has no memory left")),
    (
        (StoreError, redis.AuthenticationError, *TROUBLE),
        lambda _: unavailable("Redis does not answer now; nothing was lost that was accepted"),
    ),
)
"""What each kind of error is answered with; the first that fits."""


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer, and count the answers."""
    started = time.perf_counter()
    try:
        response = await handler(request)
    except ConnectionError:
        raise  # the client is gone: there is nobody to answer
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            log.exception("a request failed on our side", method=request.method, path=request.path)
            detail = "the log of the service says what; the request may be tried again"
            problem = ProblemError("internal_error", detail)
        elif problem.code in {"store_unavailable", "internal_error"}:
            log.warning("request not served", path=request.path, why=str(error))
        response = problem.response(request.path)
    endless = response.content_type == "text/event-stream"
    seconds = None if endless else time.perf_counter() - started
    shared(request).metrics.answered(request, response.status, seconds)
    return response


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Meet the one expectation there is (RFC 9110, 10.1.1), or answer that it cannot be met."""
    wanted = request.headers.get("Expect", "").strip().lower()
    if wanted != "100-continue":
        return ProblemError("expectation_failed", f"Expect: {wanted} is not known").response(request.path)
    if request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what follows is the answer, not the rest of one
    return None


async def add_security_headers(_: web.Request, response: web.StreamResponse) -> None:
    """What keeps a browser from taking an answer for something else."""
    secure(response)


def secure(response: web.StreamResponse) -> None:
    """Give an answer the headers that every one of ours has."""
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
