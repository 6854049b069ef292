"""What is no HTTP gets an answer like every other error: a problem, and one line in the log.

aiohttp answers it below the application, in words of its own and with a traceback in the log. The way in is not public:
`Runner` hands the server another protocol. A test sees that it still does.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong

from wireroom.adapters.http.problems import ProblemError, secure

if TYPE_CHECKING:
    from aiohttp.web_request import BaseRequest

log = structlog.get_logger()

_TOLD: Final = 160
"""Characters of the parser's sentence that are kept: it may quote what the client sent."""


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what did not come as far as the application, or failed around it. The connection ends.

        Raises:
            ConnectionError: part of an answer is sent already.
        """
        if isinstance(exc, HttpProcessingError):
            why = _why(exc)
            log.info("a request that cannot be read", client=request.remote, why=why)
            problem = ProblemError("invalid_request", f"the request is no HTTP that can be read: {why}")
        else:
            log.error(
                "a request failed on our side",
                client=request.remote,
                status=status,
                why=message,
                exc_info=exc,
            )
            detail = "the log of the service says what; the request may be tried again"
            problem = ProblemError("internal_error", detail)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        answer = problem.response(request.path)
        secure(answer)
        answer.force_close()
        return answer

    def log_exception(self, *args: object, **more: object) -> None:
        """Log what failed beside an answer; the unread rest of a body that was refused is no fault of ours."""
        exc = more.get("exc_info")
        if isinstance(exc, (web.RequestPayloadError, HttpProcessingError)):
            client = self.transport.get_extra_info("peername") if self.transport else None
            log.info("a body that cannot be read", client=client[0] if client else None)
        else:
            super().log_exception(*args, **more)


class _Server(web.Server):
    """Makes the connections."""

    def __call__(self) -> Protocol:
        return Protocol(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application whose connections are ours."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,  # noqa: SLF001 - there is no other way
            **made._kwargs,  # noqa: SLF001
        )


def _why(exc: HttpProcessingError) -> str:
    """What is wrong, in one line: the parser draws a picture under its sentence."""
    if isinstance(exc, BadHttpMethod) and "HTTPS" in exc.message:
        return "it is encrypted, and nothing is here"
    if isinstance(exc, LineTooLong):
        return "a line or a header of it is too long"
    lines = [line.strip() for line in exc.message.splitlines()]
    return next((line for line in lines if line), type(exc).__name__).rstrip(":.")[:_TOLD]
