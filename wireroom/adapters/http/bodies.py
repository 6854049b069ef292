"""What comes in and goes out as JSON, as pydantic models: bodies are checked by them, the contracts are made of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wireroom.adapters.http.arrival import body_bytes
from wireroom.adapters.http.problems import ProblemError
from wireroom.ages import seconds

if TYPE_CHECKING:
    from aiohttp import web
    from pydantic_core import ErrorDetails

Body = TypeVar("Body", bound=BaseModel)


def _age(value: str | float) -> str | float:
    seconds(value)
    return value


class _In(BaseModel):
    """What comes in: exact types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DocumentIn(_In):
    """One document file."""

    name: Annotated[str, Field(description="File name; only its last part counts.")] = "document.txt"
    text: Annotated[str, Field(description="The file's text, in any of the three layouts.")]


class DocumentsIn(_In):
    """Document files."""

    documents: Annotated[list[DocumentIn], Field(min_length=1)]


class RecrawlIn(_In):
    """Which URLs to crawl again. At least one of the first six says which."""

    urls: Annotated[list[str], Field(description="Addresses; unknown ones are added.")] = []
    hosts: Annotated[list[str], Field(description="All known URLs of these hosts.")] = []
    documents: Annotated[list[str], Field(description="The URLs of these documents, by id.")] = []
    stories: Annotated[list[str], Field(description="The URLs of these stories' documents, by id.")] = []
    older_than: Annotated[
        Annotated[str | int | float, AfterValidator(_age)] | None,
        Field(
            description="Only what was last fetched longer ago: seconds, or like 30m, 24h, 7d. Alone: of all URLs."
        ),
    ] = None
    all: Annotated[bool, Field(description="Every known URL.")] = False
    force: Annotated[bool, Field(description="Also what is fresher, and without conditional headers.")] = (
        False
    )
    dry_run: Annotated[bool, Field(description="Only say how many.")] = False
    priority: Annotated[int, Field(ge=-100, le=100, description="Higher goes first within its host.")] = 0


class RetryIn(_In):
    """Which dead letters to try again: some, or all that were not tried again yet."""

    ids: Annotated[list[str], Field(description="Ids as /v1/dead gives them, or ids of units.")] = []
    all: bool = False


class HostIn(_In):
    """How a host is to be treated. What is left away stays as it is."""

    paused: Annotated[bool, Field(description="Nothing of it is fetched until it is resumed.")] = False
    delay: Annotated[
        Annotated[float, Field(ge=0, le=86400)] | None,
        Field(
            description="Seconds between two requests, instead of the setting; never less than its robots.txt asks."
        ),
    ] = None
    pages_per_day: Annotated[
        Annotated[int, Field(ge=0, le=10**9)] | None,
        Field(description="Most pages in a day (UTC), instead of the setting; 0 for any number."),
    ] = None


class Accepted(BaseModel):
    """A document that was taken."""

    name: str
    id: str
    urls: list[str]


class Rejected(BaseModel):
    """What was not taken, and why."""

    name: str
    reason: str
    detail: str


class DocumentsOut(BaseModel):
    """What became of document files."""

    batch: str
    accepted: list[Accepted]
    rejected: list[Rejected]


class BatchOut(BaseModel):
    """Where the units of a batch stand."""

    batch: str
    created: str | None
    note: str | None
    units: int
    states: dict[str, int]
    waiting: Annotated[int, Field(description="Units that are not over yet.")]
    done: bool


class CancelledOut(BatchOut):
    """A batch after it was cancelled."""

    cancelled: int


class RecrawlOut(BaseModel):
    """What a re-crawl will fetch."""

    batch: Annotated[str | None, Field(description="Null for a dry run.")]
    matched: int
    rejected: list[Rejected]
    dry_run: bool


class RetryOut(BaseModel):
    """What is tried again."""

    batch: str | None
    retried: list[str]
    rejected: list[Rejected]


class GroupOut(BaseModel):
    """A group of a stream. One that is `idle` holds nothing back any more; `quiet` are seconds of silence."""

    stream: str
    group: str
    standing: str
    quiet: float
    pending: int
    lag: int | None


class StatsOut(BaseModel):
    """How many units stand where. `accepted` is the sum of the others."""

    accepted: int
    published: int
    unchanged: int
    refused: int
    failed: int
    cancelled: int
    waiting: dict[str, int]
    queues: dict[str, int]
    streams: dict[str, int]
    groups: list[GroupOut]
    documents: int
    processes: Annotated[
        dict[str, int], Field(description="Processes that gave a sign of life in the last 20 s, by service.")
    ]
    memory: dict[str, int | None]


class HostDelay(BaseModel):
    """The time between two requests to a host."""

    model_config = ConfigDict(populate_by_name=True)

    seconds: float
    from_: Annotated[Literal["setting", "robots", "hand"], Field(alias="from")]
    robots: Annotated[float | None, Field(description="What its robots.txt asks for.")]
    hand: Annotated[float | None, Field(description="What somebody set.")]


class HostPages(BaseModel):
    """The pages asked of a host."""

    model_config = ConfigDict(populate_by_name=True)

    today: Annotated[int, Field(description="Since midnight, UTC; redirects count, robots.txt does not.")]
    per_day: Annotated[int | None, Field(description="Most in a day; null for any number.")]
    from_: Annotated[Literal["setting", "hand"], Field(alias="from")]


class HostBackoff(BaseModel):
    """Why a host is left alone, and until when."""

    why: str | None
    until: str


class HostRobots(BaseModel):
    """What an origin's robots.txt came to."""

    origin: str
    verdict: Literal["rules", "allow_all", "deny_all"]
    until: Annotated[str, Field(description="When it is asked for again at the latest.")]


class HostError(BaseModel):
    """The last request to a host that came to nothing."""

    code: str
    detail: str
    url: str
    at: str


class HostLooks(BaseModel):
    """Documents of a host that are looked at again without being asked for."""

    documents: Annotated[int, Field(description="How many there are; 0 where the setting recrawl is off.")]
    due: Annotated[int, Field(description="How many of them are to be looked at by now.")]


class HostOut(BaseModel):
    """A host: how it is treated, where it stands and why."""

    host: str
    state: Annotated[
        Literal["idle", "ready", "fetching", "delayed", "retrying", "resting", "full", "paused"],
        Field(description="Why its next URL is not being fetched now."),
    ]
    waiting: Annotated[int, Field(description="URLs that wait.")]
    in_flight: Annotated[int, Field(description="Requests under way; never more than one.")]
    next: Annotated[str | None, Field(description="When its next request may begin; null: at once.")]
    delay: HostDelay
    pages: HostPages
    paused: bool
    backoff: Annotated[HostBackoff | None, Field(description="It is left alone; null where it is not.")]
    failures: Annotated[int, Field(description="Requests in a row that it did not serve.")]
    failing_since: str | None
    robots: list[HostRobots]
    looks: HostLooks
    sitemaps: Annotated[list[str], Field(description="The first 100 that its robots.txt names.")]
    last_error: HostError | None


class HostsOut(BaseModel):
    """A page of hosts."""

    hosts: list[HostOut]
    cursor: str | None


class ProblemOut(BaseModel):
    """An error as RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str


async def body_of(request: web.Request, model: type[Body]) -> Body:
    """The body of a request, checked.

    Raises:
        ProblemError: it is no JSON (400, 415), or not as the model says (422).
    """
    if request.content_type != "application/json":
        raise ProblemError("unsupported_type", f"send application/json, not {request.content_type}")
    try:
        return await asyncio.to_thread(_checked, body_bytes(request), model)
    except orjson.JSONDecodeError as error:
        raise ProblemError("invalid_request", f"the body is no JSON: {error}") from None
    except ValidationError as error:
        errors = [_told(found) for found in error.errors(include_url=False, include_input=False)[:20]]
        detail = f"{errors[0]['pointer']}: {errors[0]['detail']}"
        raise ProblemError("invalid_value", detail, errors=errors) from None


def _checked(body: bytes, model: type[Body]) -> Body:
    return model.model_validate(orjson.loads(body))


def _told(found: ErrorDetails) -> dict[str, str]:
    # A union names the branch that failed: the pointer ends where the value stands.
    place = [
        part for part in found["loc"] if part not in {"str", "int", "float"} and "function" not in str(part)
    ]
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
    return {"pointer": f"#{pointer}", "detail": found["msg"].removeprefix("Value error, ")}
