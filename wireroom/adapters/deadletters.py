"""Dead letters: what was given up, newest first, and another try.

A letter stays on its stream, where consumers read it. That it was tried again is kept beside the stream, so that
trying all again means those that were not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import zstandard

from wireroom.adapters.follow import is_entry
from wireroom.adapters.ids import new_id
from wireroom.errors import Reason, UrlError
from wireroom.events import Stream
from wireroom.layouts import Layout
from wireroom.records import CrawlRequest, Listing
from wireroom.urls import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.ledger import Ledger

UNKNOWN: Final = "unknown"
"""Reason: there is no such letter, or no longer."""
_CHUNK: Final = 500
NOT_RETRYABLE: Final = "not_retryable"
"""Reason: it was given up where we cannot try it again."""
_FIELDS: Final = ("unit", "stage", "reason", "detail", "tries", "url", "document", "name", "batch", "stack")

Letter = dict[str, Any]


class DeadLetters:
    """Reads the stream of dead letters and tries them again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._redis: Client = ledger.redis
        self._keys: Keys = ledger.keys
        self._stream = ledger.keys.stream(Stream.DEAD)

    def page(self, limit: int, before: str | None = None) -> tuple[list[Letter], str | None]:
        """Letters, newest first, and the position of the next page (None: that was all)."""
        top = f"({before}" if before else "+"
        rows = self._redis.xrevrange(self._stream, max=top, count=limit + 1)
        letters = [self._letter(entry_id.decode(), fields) for entry_id, fields in rows[:limit]]
        with self._redis.pipeline(transaction=False) as pipe:
            for letter in letters:
                pipe.zscore(self._keys.dead_retried, letter["id"])
            for letter, retried in zip(letters, pipe.execute(), strict=True):
                letter["retried"] = retried is not None
        return letters, letters[-1]["id"] if len(rows) > limit else None

    def retry(self, ids: Sequence[str], *, every: bool) -> dict[str, Any]:
        """Try letters again: those named, or all that were not tried again yet.

        Returns:
            ``batch`` (None when nothing is tried), ``retried`` (ids), ``rejected`` (``{name, reason, detail}``).
        """
        batch = new_id()
        retried: list[str] = []
        rejected: list[dict[str, str]] = []
        for letter in self._open() if every else self._named(ids, rejected):
            # Who marks the letter first tries it again; the other one leaves it.
            marked = self._mark(letter["id"])
            if every and not marked:
                continue
            tried = False
            try:
                why = self._again(batch, letter, first=not retried)
                tried = why is None
            finally:
                if marked and not tried:
                    self._unmark(letter["id"])
            if why is None:
                retried.append(letter["id"])
            else:
                rejected.append({"name": letter["id"], "reason": why[0], "detail": why[1]})
        self._forget_trimmed()
        return {"batch": batch if retried else None, "retried": retried, "rejected": rejected}

    def _again(self, batch: str, letter: Letter, *, first: bool) -> tuple[str, str] | None:
        """Try one letter again; why not, if that cannot be."""
        work = self._work(letter)
        if isinstance(work, tuple):
            return work
        if first:
            self._ledger.open_batch(batch, "retry of dead letters")
        if isinstance(work, Listing):
            self._ledger.accept(batch, [work])
        else:
            self._ledger.accept(batch, [], [work])
        return None

    def _work(self, letter: Letter) -> Listing | CrawlRequest | tuple[str, str]:
        if letter["url"]:
            try:
                return CrawlRequest(check(letter["url"]), force=True)
            except UrlError as error:
                return error.reason, error.detail
        if letter["unit"] is None:
            return NOT_RETRYABLE, _where(letter)
        text = self._redis.hget(self._keys.work(letter["unit"]), "text")
        if text is None or not letter["document"]:
            return Reason.BODY_EXPIRED, "its text is kept no longer; hand the file in again"
        # The URLs it lists were taken in with it, as units of their own.
        name = letter["name"] or "document.txt"
        return Listing(name, letter["document"], zstandard.decompress(text).decode(), Layout.PLAIN.value, ())

    def _named(self, ids: Sequence[str], rejected: list[dict[str, str]]) -> Iterator[Letter]:
        units = {name for name in ids if not is_entry(name)}
        by_unit = (
            {letter["unit"]: letter for letter in self._every() if letter["unit"] in units} if units else {}
        )
        for name in dict.fromkeys(ids):
            letter = by_unit.get(name)
            if letter is None and is_entry(name):
                rows = self._redis.xrange(self._stream, min=name, max=name, count=1)
                letter = self._letter(rows[0][0].decode(), rows[0][1]) if rows else None
            if letter is None:
                detail = "there is no such dead letter, or no longer"
                rejected.append({"name": name, "reason": UNKNOWN, "detail": detail})
            else:
                yield letter

    def _every(self) -> Iterator[Letter]:
        after = "-"
        while rows := self._redis.xrange(self._stream, min=after, count=_CHUNK):
            yield from (self._letter(entry_id.decode(), fields) for entry_id, fields in rows)
            after = f"({rows[-1][0].decode()}"

    def _open(self) -> Iterator[Letter]:
        newest = self._redis.xrevrange(self._stream, count=1)
        for letter in self._every():
            yield letter
            if letter["id"] == newest[0][0].decode():
                return  # what comes in from now on is not meant

    def _mark(self, entry_id: str) -> bool:
        moment = int(entry_id.partition("-")[0])
        return bool(self._redis.zadd(self._keys.dead_retried, {entry_id: moment}))

    def _unmark(self, entry_id: str) -> None:
        self._redis.zrem(self._keys.dead_retried, entry_id)

    def _forget_trimmed(self) -> None:
        first = self._redis.xrange(self._stream, count=1)
        top = f"({first[0][0].partition(b'-')[0].decode()}" if first else "+inf"
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zremrangebyscore(self._keys.dead_retried, "-inf", top)
            pipe.execute()

    def _letter(self, entry_id: str, fields: Mapping[bytes, bytes]) -> Letter:
        try:
            data = orjson.loads(fields[b"data"])
        except (KeyError, orjson.JSONDecodeError):
            data = {}
        known = _fitting(data) if isinstance(data, dict) else dict.fromkeys(_FIELDS)
        return {**known, "id": entry_id, "time": fields.get(b"time", b"").decode("utf-8", "replace") or None}


def _fitting(data: dict[str, Any]) -> Letter:
    """A letter's data. Anybody may write to the stream: of the fields we rely on, what is of another type is unknown."""
    kinds = {name: int if name == "tries" else str for name in _FIELDS}
    return data | {name: data[name] if isinstance(data.get(name), kinds[name]) else None for name in _FIELDS}


def _where(letter: Letter) -> str:
    """What a person can do about a letter that names no unit of work."""
    if str(letter["stage"]).startswith("consumer:"):
        return (
            f"group {letter.get('group')} gave it up; its entry is {letter.get('position')} of the stream "
            f"{letter.get('stream')}, and can be read there"
        )
    return "the file was not taken in; it is taken when it changes, or hand it in"
