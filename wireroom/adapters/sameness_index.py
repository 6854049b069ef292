"""The index of sameness in Redis: what a document has in common with those before it, for any number of workers.

Placing a document takes two steps, each of them one script that is whole or not at all (``sameness.lua``):

1. *enter* puts its fingerprints, terms and text into the index and returns what came before it. Of two copies that
   arrive at once the second finds the first.
2. *commit* puts it into a story and keeps the answer. It is refused when the stories it was decided on have changed in
   the meantime; then the decision is made again on the new ones.

A process that dies between the two leaves a document that is entered once and answered by whoever places it again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from importlib.resources import files
from struct import pack
from typing import TYPE_CHECKING, Any, Final, cast

from wireroom.adapters.sameness_records import (
    pack_placement,
    pack_story,
    pack_terms,
    pack_text,
    pack_vector,
    unpack_placement,
    unpack_story,
    unpack_text,
    unpack_vector,
)
from wireroom.capitals import name_words
from wireroom.errors import StoreError
from wireroom.placement import (
    Before,
    Placement,
    StoryEvent,
    day_of,
    headline,
    milliseconds,
    settle,
    story_data,
)
from wireroom.sameness import Overlap, Reading, compare, digest, fingerprints, read, words_of
from wireroom.stories import Member, Story, leave, story_id
from wireroom.terms import NOTHING, Counts, count, heaviest, vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis import Redis

    from wireroom.adapters.keys import Keys
    from wireroom.placement import Item

_RANKED: Final = 48
_POSTED: Final = 48
_TRIES: Final = 200
_REMEMBERED: Final = 256
_REMEMBERED_WORDS: Final = 3000
_DAY_MS: Final = 86_400_000
_RAW_ID: Final = 8


@dataclass(frozen=True, slots=True)
class _Entered:
    """What `enter` found before a document."""

    seq: int
    before: Before
    documents: int
    frequencies: list[int]
    more: bytes
    stories: list[Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A document on its way through both steps."""

    item: Item
    digest: bytes
    reading: Reading
    counts: Counts
    rank: bytes
    weights: str


class SamenessIndex:
    """Copies, shared passages and stories among the documents of the last days.

    Safe to use from several processes at once, and from one thread each. Errors of the connection are redis-py's.

    Args:
        redis: client with ``decode_responses=False``.
        keys: the names of the keys.
        window_days: days a document is compared with those after it, by the time it was seen.
        max_documents: documents kept in the index whatever the window says.
    """

    def __init__(self, redis: Redis, keys: Keys, *, window_days: int, max_documents: int = 500_000) -> None:
        self._redis = redis
        self._keys = keys
        self._window = window_days * _DAY_MS
        self._most = max_documents
        source = files("wireroom.adapters").joinpath("sameness.lua").read_text(encoding="utf-8")
        self._script = redis.register_script(source)
        self._shared = [
            keys.sameness_postings,
            keys.sameness_texts,
            keys.sameness_frequencies,
            keys.sameness_terms,
            keys.sameness_times,
            keys.sameness_stories,
            keys.sameness_state,
        ]
        self._readings: OrderedDict[tuple[str, bytes], Reading] = OrderedDict()
        self._unpacked: OrderedDict[tuple[bytes, bytes, bytes], Story] = OrderedDict()

    def place(self, item: Item) -> Placement:
        """Puts a document into the index and says where it stands.

        The same id and text always get the same answer, and are counted once; a new text replaces the old one.

        Raises:
            ValueError: the id is not 16 hexadecimal digits.
            StoreError: other workers changed the same story again and again.
        """
        _check(item.id)
        asked = _ask(item)
        for _ in range(_TRIES):
            answer = self._enter(asked)
            if isinstance(answer, Placement):
                return answer
            placement = self._settle(asked, answer)
            if placement is not None:
                return placement
        raise StoreError(f"document {item.id} could not be placed: its stories change too fast; try again")

    def remove(self, did: str) -> tuple[StoryEvent, ...]:
        """Takes a document out of the index and out of its story; unknown ids are no error."""
        _check(did)
        for _ in range(_TRIES):
            seq, story, blob, day, (version, seen, known) = self._run("look", did)
            if not seq:
                return ()
            saves: list[Story] = []
            ends: list[tuple[str, str | None]] = []
            for found in self._stories(known):
                member = Member(did, None, int(day), 0, unpack_vector(blob))
                left = leave(found, member)
                saves += [left] if left else []
                ends += [] if left else [(found.id, None)]
            writes = _writes(saves, ends)
            if self._run("drop", did, seq, version, seen, story, self._alias_ms, *writes)[0] == b"done":
                return tuple(StoryEvent("story.updated", left.id, story_data(left)) for left in saves)
        raise StoreError(f"document {did} could not be removed: its story changes too fast; try again")

    def rebuild(self, items: Iterable[Item]) -> int:
        """Makes the index anew from documents in the order they are given; returns how many.

        Documents placed by others meanwhile stay.
        """
        self.forget()
        number = 0
        for item in items:
            self.place(item)
            number += 1
        return number

    def forget(self) -> None:
        """Deletes the whole index."""
        self._readings.clear()
        self._unpacked.clear()
        self._redis.unlink(*self._shared)
        for prefix in (self._keys.sameness_document(""), self._keys.sameness_story("")):
            pattern = "".join(f"\\{c}" if c in "*?[]^\\" else c for c in prefix) + "*"
            batch: list[bytes] = []
            for key in self._redis.scan_iter(match=pattern, count=1000):
                batch.append(key)
                if len(batch) >= 1000:  # noqa: PLR2004 - keys in one command
                    self._redis.unlink(*batch)
                    batch.clear()
            if batch:
                self._redis.unlink(*batch)

    def story(self, sid: str) -> dict[str, Any] | None:
        """A story as `wireroom.placement.story_data` gives it; a merged id gives the story it became."""
        for _ in range(64):
            values = self._redis.hmget(self._keys.sameness_story(sid), ["state", "total", "into"])
            state, total, into = cast("list[bytes | None]", values)
            if state is not None and total is not None:
                return story_data(unpack_story(sid, state, total))
            if into is None:
                return None
            sid = into.decode()
        return None

    def stories(self, limit: int = 50, cursor: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """Stories, the last active first, and the cursor of the next page (None: that was all).

        Raises:
            ValueError: the cursor is not one that was given out.
        """
        score, _, last = (cursor or "+inf:").partition(":")
        if cursor is not None and not (score.isdecimal() and _is_id(last)):
            raise ValueError(f"{cursor!r} is no cursor of a list of stories")
        page: list[tuple[str, int]] = []
        offset = 0
        while len(page) <= limit:
            rows = cast(
                "list[tuple[bytes, float]]",
                self._redis.zrevrangebyscore(
                    self._keys.sameness_stories, score, "-inf", start=offset, num=limit + 1, withscores=True
                ),
            )
            offset += len(rows)
            # Equal scores stand in descending order of ids: those before the cursor have been shown.
            found = [(sid.decode(), int(at)) for sid, at in rows]
            page += [row for row in found if not (cursor and row[1] == int(score) and row[0] >= last)]
            if not rows:
                break
        shown = page[:limit]
        told = [told for sid, _ in shown if (told := self.story(sid)) is not None]
        more = len(page) > limit and shown
        return told, f"{shown[-1][1]}:{shown[-1][0]}" if more else None

    # --- the two steps ---

    def _enter(self, asked: _Asked) -> _Entered | Placement:
        item, seen = asked.item, milliseconds(asked.item.seen_at)
        prints = fingerprints(asked.reading)
        text = pack_text(asked.reading.text) if prints else b""
        answer = self._run(
            "enter",
            item.id,
            seen,
            seen - self._window,
            self._most,
            asked.digest,
            pack(f">{len(prints)}Q", *prints),
            pack_terms(asked.counts.full),
            text,
            asked.rank,
            asked.weights,
            story_id(item.id),
        )
        if answer[0] == b"done":
            return unpack_placement(answer[1])
        _, seq, exact, near, documents, frequencies, (story, total, day), copied, more, taken, stories = (
            answer
        )
        earlier = Member(item.id, None, int(day), 0, unpack_vector(total)) if story else None
        before = Before(
            exact_of=exact.decode() or None,
            overlaps=self._overlaps(asked, near),
            copied=copied.decode() or None,
            story=story.decode() or None,
            member=earlier,
            taken=bool(taken),
        )
        return _Entered(seq, before, documents, frequencies, more, stories)

    def _settle(self, asked: _Asked, entered: _Entered) -> Placement | None:
        """Decides and commits until nobody is faster; None when the document was replaced or removed meanwhile."""
        item = asked.item
        weights = vector(asked.counts, entered.frequencies, entered.documents)
        member = Member(item.id, headline(item), day_of(item), milliseconds(item.seen_at), weights)
        version, seen, known = entered.stories
        for _ in range(_TRIES):
            settled = settle(item, str(entered.seq), member, entered.before, self._stories(known))
            expected = (
                item.id,
                asked.digest,
                entered.seq,
                version,
                seen,
                asked.rank,
                asked.weights,
                entered.more,
            )
            answer = self._run(
                "commit",
                *expected,
                self._alias_ms,
                pack_placement(settled.placement),
                settled.story or "",
                pack_vector(weights),
                member.day,
                *_writes(settled.saves, settled.ends),
            )
            if answer[0] == b"done":
                return unpack_placement(answer[1])
            if answer[0] == b"lost":
                return None
            version, seen, known = answer[1]
        return None

    def _overlaps(
        self, asked: _Asked, near: Sequence[tuple[bytes, bytes, bytes]]
    ) -> list[tuple[str, Overlap]]:
        self._remember(asked.item.id, asked.digest, asked.reading)
        return [
            (other.decode(), compare(asked.reading, self._reading(other.decode(), known, text)))
            for other, known, text in near
        ]

    def _reading(self, did: str, known: bytes, text: bytes) -> Reading:
        reading = self._readings.get((did, known))
        if reading is None:
            reading = read(unpack_text(text))
        self._remember(did, known, reading)
        return reading

    def _stories(self, known: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> list[Story]:
        found = []
        for sid, revision, state, total in known:
            # The state is part of the key: revisions begin again when the index was forgotten elsewhere.
            key = (sid, revision, state)
            story = self._unpacked.get(key) or unpack_story(sid.decode(), state, total)
            self._unpacked[key] = story
            self._unpacked.move_to_end(key)
            found.append(story)
        while len(self._unpacked) > _REMEMBERED:
            self._unpacked.popitem(last=False)
        return found

    def _remember(self, did: str, known: bytes, reading: Reading) -> None:
        if len(reading.words) <= _REMEMBERED_WORDS:
            self._readings[did, known] = reading
            self._readings.move_to_end((did, known))
        while len(self._readings) > _REMEMBERED:
            self._readings.popitem(last=False)

    @property
    def _alias_ms(self) -> int:
        return 2 * self._window + _DAY_MS

    def _run(self, step: str, *arguments: str | bytes | float) -> Any:
        prefixes = (self._keys.sameness_document(""), self._keys.sameness_story(""))
        return self._script(keys=self._shared, args=[step, *prefixes, *arguments])


def _is_id(text: str) -> bool:
    return len(text) == 2 * _RAW_ID and all(c in "0123456789abcdef" for c in text)


def _check(did: str) -> None:
    if not _is_id(did):
        raise ValueError(f"{did!r} is no document id: 16 hexadecimal digits in lower case are one")


def _ask(item: Item) -> _Asked:
    reading = read(item.text)
    names = name_words(reading.cased, reading.text)
    counts = count(reading.words, words_of(item.title or ""), names) if reading.telling else NOTHING
    weights = ",".join([f"{weight:.4g}" for weight in counts.promise[:_RANKED]])
    return _Asked(item, digest(item.text), reading, counts, pack_terms(list(counts.full)[:_RANKED]), weights)


def _writes(saves: Sequence[Story], ends: Sequence[tuple[str, str | None]]) -> list[str | bytes | int]:
    """The writes of a step as the script reads them."""
    flat: list[str | bytes | int] = [len(saves)]
    for story in saves:
        posted = pack_terms(heaviest(story.total, _POSTED))
        flat += [story.id, pack_story(story), pack_vector(story.total), story.last_seen, posted]
    flat.append(len(ends))
    for sid, into in ends:
        flat += [sid, into or ""]
    return flat
