"""Every call that docs/api.md shows is made: the status is the one it names, and the members it shows are there."""

from __future__ import annotations

import json
import re
import shlex
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from httpworld import page_draft, place, publish, serving
from yarl import URL

from wireroom.adapters.http.app import ROUTES
from wireroom.adapters.http.problems import CODES
from wireroom.adapters.sources import Sources
from wireroom.document import web_document_id
from wireroom.events import Event, Stream, Type
from wireroom.sources import source

DOC = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")
PIER = "https://herald.example/pier"
FILES = {
    "pilot.txt": b"date 2026-04-15\n\nA pilot was honoured.\n\nSources: https://herald.example/pier\n",
    "ferry.txt": b"Ferries go every hour.\n\nSource: https://ledger.example/ferry\n",
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
}
STORY = "a7b1c8d9e0f1a2b3"
PAGE = "9a30f66d5b1d5a4c"
FERRIES = (
    "Two ferries return to the harbour of Larne Vale after the storm, the harbour master said on Wednesday."
)
LETTER = "1795295283108-0"
BATCH = re.compile(r"/v1/batches/[0-9a-f]{20}")

CURL = ArgumentParser("curl")
CURL.add_argument("url")
CURL.add_argument("-H", action="append", default=[], dest="headers")
CURL.add_argument("-d", "--data-binary", dest="data")
CURL.add_argument("-F", action="append", default=[], dest="files")
CURL.add_argument("-X", dest="method")
CURL.add_argument("-G", action="store_true", dest="in_query")
CURL.add_argument("--data-urlencode", dest="encoded")
for flag in "siN":
    CURL.add_argument(f"-{flag}", action="store_true")


@dataclass(frozen=True)
class Example:
    command: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def words(self) -> Any:
        return CURL.parse_args(shlex.split(self.command.replace("$API", "")))


def examples() -> list[Example]:
    """The calls of the page with their answers, in order."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", DOC, re.DOTALL):
        for text in re.split(r"^\$ curl ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = text.replace("\\\n", " ").partition("\n")
            head, _, body = answer.partition("\n\n")
            first, *lines = head.splitlines()
            status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [\w ]+", first)
            assert status, command
            found.append(Example(command, int(status[1]), dict(line.split(": ", 1) for line in lines), body))
    return found


def body_of(words: Any) -> Any:
    if words.files:
        form = aiohttp.FormData()
        for part in words.files:
            field, _, name = part.partition("=@")
            form.add_field(field, FILES[name], filename=name)
        return form
    if words.data is None:
        return None
    return FILES[words.data[1:]] if words.data.startswith("@") else words.data.encode()


def has_members(shown: Any, real: Any, where: str, *, whole: bool = True) -> None:
    """Whether all that is shown is there, of the same kind; and of an answer itself, all that is there is shown."""
    if isinstance(shown, dict):
        assert isinstance(real, dict), where
        assert shown.keys() <= real.keys(), f"{where}: {real}"
        assert not whole or shown.keys() == real.keys(), f"{where}: not shown: {set(real) - set(shown)}"
        for name, value in shown.items():
            if value is not None and real[name] is not None:
                has_members(value, real[name], f"{where} {name}", whole=False)
    elif isinstance(shown, list):
        assert isinstance(real, list), where
        assert bool(shown) == bool(real), f"{where}: {real}"
        for first, second in zip(shown, real, strict=False):
            has_members(first, second, f"{where}[]", whole=isinstance(first, dict))
    else:
        assert type(shown) is type(real) or {type(shown), type(real)} == {int, float}, f"{where}: {real}"


def fill(world: Any) -> dict[str, str]:
    """Put into a world what the page speaks of; the ids that it shows, and what they are here."""
    story = place(
        world, page_draft("https://ledger.example/ferries", "Ferries return", FERRIES), ["Larne Vale"]
    )
    named = world.settings.model_copy(
        update={"sources_feeds": (source("https://herald.example/rss.xml interval=10m name=herald"),)}
    )
    Sources(world.frontier, named).sync()
    first = page_draft(PIER, "Pier of Larne Vale closed", "The pier of Larne Vale was closed.")
    publish(world, first, names=["Larne Vale"], story=story, day="2026-04-16")
    second = replace(
        first,
        title="Pier of Larne Vale reopens",
        paragraphs=(*first.paragraphs, "It opened again on Thursday."),
        origin=replace(first.origin, listed_by=("ba4e71d40c2d843a",)),
    )
    publish(world, second, names=["Larne Vale"], story=story, day="2026-04-16")
    data = {
        "unit": "1a1ffef56af378c7b5ed",
        "stage": "fetch",
        "reason": "http_404",
        "tries": 1,
        "detail": "the server answered 404",
        "stack": None,
        "url": "https://herald.example/gone",
        "document": None,
        "name": None,
        "batch": "1a1ffef56adfc63433f8",
    }
    event = Event(Type.DEAD_LETTER, "letter", world.streams.source, data["unit"], datetime.now(UTC), data)
    letter = world.redis.execute_command(*world.streams.entry(event)).decode()
    return {STORY: story, PAGE: web_document_id(PIER), LETTER: letter}


async def ask(api: Any, example: Example, names: dict[str, str], batch: str | None) -> tuple[Any, str]:
    """Make one call as the page shows it; the answer and its body, of an endless one the beginning."""
    words = example.words
    path, data = words.url, body_of(words)
    for shown, real in names.items():
        path = path.replace(shown, real)
        data = data.replace(shown.encode(), real.encode()) if isinstance(data, bytes) else data
    path = BATCH.sub(f"/v1/batches/{batch}", path)
    url = URL(path, encoded=True)
    if words.in_query:
        url = url.with_query([words.encoded.split("=", 1)])
    method = words.method or ("POST" if data is not None else "GET")
    headers = dict(header.split(": ", 1) for header in words.headers)
    async with api.client.request(method, url, data=data, headers=headers) as answer:
        if answer.content_type == "text/event-stream":
            lines = [(await answer.content.readline()).decode() for _ in range(5)]
            return answer, "".join(lines)
        return answer, await answer.text()


async def test_every_call_is_answered_as_the_page_shows(redis_url: str):
    async with serving(redis_url) as api:
        names, batch = fill(api.world), None
        for example in examples():
            answer, text = await ask(api, example, names, batch)
            assert answer.status == example.status, f"{example.command}\n{text}"
            for name, value in example.headers.items():
                real = BATCH.sub("", answer.headers[name]).replace(names[PAGE], PAGE)
                assert real == BATCH.sub("", value), f"{example.command}: {name}"
            if "json" in answer.content_type:
                told = json.loads(text)
                has_members(json.loads(example.body), told, example.command.split("$API")[1])
                batch = told.get("batch") or batch
            elif answer.content_type == "text/event-stream":
                kinds = [line.partition(":")[0] for line in text.splitlines()]
                assert kinds == [line.partition(":")[0] for line in example.body.splitlines()][:5]
            else:
                assert text.startswith(example.body.partition("…")[0].rstrip("\n").splitlines()[0])


def test_every_call_there_is_has_an_example():
    shown = {
        (example.words.method or ("POST" if body_of(example.words) is not None else "GET"), example.words.url)
        for example in examples()
    }
    for route in ROUTES:
        if route.tag == "pages":
            continue
        pattern = re.sub(r"\\{\w+\\}", r"[\\w.:]+", re.escape(route.path)) + r"(\?.*)?"
        assert any(method == route.method and re.fullmatch(pattern, url) for method, url in shown), route


def test_the_table_of_codes_is_the_program_s():
    table = DOC.partition("<!-- codes -->")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert {code: (int(status), title) for status, code, title in rows} == dict(CODES)


def test_every_stream_and_type_of_documents_is_named():
    for stream in Stream:
        assert f"`{stream}`" in DOC
    for kind in ("document.updated", "document.gone"):
        assert f"`{kind}`" in DOC
