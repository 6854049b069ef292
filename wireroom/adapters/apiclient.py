"""A client of a running service's HTTP API, for the command line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import orjson

from wireroom.errors import UsageError, WireroomError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

FILES_AT_ONCE = 200
BYTES_AT_ONCE = 16 * 1024 * 1024
"""One request holds at most so many files, and about so many bytes."""
TIMEOUT = 60.0
UNAUTHORIZED = 401


class ApiError(WireroomError):
    """The service answered with a problem, or not at all."""


class ApiClient:
    """Asks a service. An async context manager."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._session = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, path: str, **query: str | int | None) -> Any:
        """The JSON that a path answers.

        Raises:
            ApiError: a problem; its words.
            UsageError: the service says that the question is wrong.
        """
        return await self._ask("GET", path, params={k: str(v) for k, v in query.items() if v is not None})

    async def text(self, path: str, **query: str | int | None) -> str:
        """The plain text that a path answers."""
        params = {k: str(v) for k, v in query.items() if v is not None}
        answer = await self._ask("GET", path, params=params, headers={"Accept": "text/plain"})
        return str(answer)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that a path answers to a JSON body."""
        headers = {"Content-Type": "application/json"}
        return await self._ask("POST", path, data=orjson.dumps(body), headers=headers)

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that a path answers to a change."""
        headers = {"Content-Type": "application/json"}
        return await self._ask("PATCH", path, data=orjson.dumps(body), headers=headers)

    async def submit(self, files: Sequence[tuple[str, bytes]]) -> list[Any]:
        """Hand document files in, in as many requests as it takes; their answers."""
        answers = []
        for group in _groups(files):
            form = aiohttp.FormData()
            for name, data in group:
                form.add_field("document", io.BytesIO(data), filename=name, content_type="text/plain")
            answers.append(await self._ask("POST", "/v1/documents", data=form, refused={422}))
        return answers

    async def _ask(
        self, method: str, path: str, refused: frozenset[int] | set[int] = frozenset(), **how: Any
    ) -> Any:
        try:
            async with self._session.request(method, self._url + path, **how) as answer:
                body = await answer.read()
                kind = answer.content_type
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiError(self._silent(error)) from None
        if status < 400 or status in refused:  # noqa: PLR2004 - RFC 9110: 4xx and 5xx are errors
            return orjson.loads(body) if "json" in kind else body.decode()
        raise _problem(status, kind, body)

    def _silent(self, error: Exception) -> str:
        if isinstance(error, aiohttp.InvalidURL):
            return f"{self._url!r} is no address of a service, such as http://127.0.0.1:8600"
        if isinstance(error, aiohttp.ClientConnectorError):
            advice = "start one with `wireroom up`, or name its folder with --data or its address with --api"
            return f"no service answers at {self._url}: {advice}"
        why = "it took too long" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        return f"the service at {self._url} did not answer: {why}"


def _problem(status: int, kind: str, body: bytes) -> WireroomError:
    try:
        problem = orjson.loads(body) if "json" in kind else {}
    except orjson.JSONDecodeError:
        problem = {}
    detail = problem.get("detail") or body[:200].decode(errors="replace")
    if status == UNAUTHORIZED:
        return ApiError("the service asks for its token: set WIREROOM_API_TOKEN to it")
    message = f"{problem.get('title') or status}: {detail}"
    return UsageError(message) if status in {400, 404, 422} else ApiError(message)


def _groups(files: Sequence[tuple[str, bytes]]) -> list[list[tuple[str, bytes]]]:
    groups: list[list[tuple[str, bytes]]] = []
    size = 0
    for file in files:
        if not groups or len(groups[-1]) >= FILES_AT_ONCE or size + len(file[1]) > BYTES_AT_ONCE:
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += len(file[1])
    return groups
