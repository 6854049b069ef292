"""The index of sameness in Redis: what documents have in common with those before them, for any number of workers.

Documents are placed in batches, in two steps, each of them one script that is whole or not at all (``sameness.lua``):

1. *enter* puts their fingerprints, terms and texts into the index and returns what came before each. Of two copies that
   arrive at once the second finds the first.
2. *commit* puts them into stories and keeps the answers. It is refused when the stories they were decided on have changed
   in the meantime; then the decisions are made again on the new ones.

A process that dies between the two leaves documents that are entered once and answered by whoever places them again.
"""

from __future__ import annotations

from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from wireroom.adapters.sameness_asking import Asked, Entered, ask, asked_values, entered_from, writes
from wireroom.adapters.sameness_records import (
    Record,
    pack_placement,
    pack_vector,
    unpack_placement,
    unpack_text,
    unpack_vector,
)
from wireroom.desk import Desk
from wireroom.errors import StoreError
from wireroom.memory import Memory
from wireroom.placement import Placement, StoryEvent, milliseconds, story_data
from wireroom.sameness import Overlap, Reading, compare, read
from wireroom.stories import Member, Story, leave

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from redis import Redis

    from wireroom.adapters.keys import Keys
    from wireroom.placement import Item

_BATCH: Final = 16
_BATCH_WORDS: Final = 20_000
_TRIES: Final = 200
_REMEMBERED: Final = 1024
_REMEMBERED_WORDS: Final = 200_000
_DAY_MS: Final = 86_400_000
_RAW_ID: Final = 8


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
        self._readings: Memory[tuple[str, bytes], Reading] = Memory(
            _REMEMBERED_WORDS, lambda reading: len(reading.words)
        )
        self._stories: Memory[tuple[str, bytes], Story] = Memory(_REMEMBERED)
        self._written: Memory[tuple[str, bytes], Record] = Memory(_REMEMBERED)

    def place(self, item: Item) -> Placement:
        """Puts a document into the index and says where it stands.

        The same id, text, title and date always get the same answer, and are counted once; another one of these replaces
        what stood there.

        Raises:
            ValueError: the id is not 16 hexadecimal digits.
            StoreError: other workers changed the same story again and again.
        """
        return self.place_many([item])[0]

    def place_many(self, items: Sequence[Item]) -> list[Placement]:
        """Places documents as if one after the other, in fewer steps; see `place`.

        Raises:
            ValueError: an id is not 16 hexadecimal digits; nothing was placed.
            StoreError: other workers changed the same story again and again; some may have been placed.
        """
        for item in items:
            _check(item.id)
        placements: list[Placement] = []
        for batch in _batches(map(ask, items)):
            waiting, found = batch, dict[str, Placement]()
            for _ in range(_TRIES):
                found |= self._round(waiting)
                waiting = [asked for asked in waiting if asked.item.id not in found]
                if not waiting:
                    break
            else:
                raise StoreError(
                    f"document {waiting[0].item.id} could not be placed: its stories change too fast; try again"
                )
            placements += [found[asked.item.id] for asked in batch]
        return placements

    def remove(self, did: str) -> tuple[StoryEvent, ...]:
        """Takes a document out of the index and out of its story; unknown ids are no error."""
        _check(did)
        for _ in range(_TRIES):
            seq, sid, blob, day = self._run("look", did)
            if not seq:
                return ()
            saves: list[Story] = []
            ends: dict[str, str | None] = {}
            known = self._fetch([], [sid.decode()] if sid else [])[1]
            for found, _ in known.values():
                left = leave(found, Member(did, None, int(day), 0, unpack_vector(blob)))
                saves += [left] if left else []
                ends |= {} if left else {found.id: None}
            marks = b"".join([bytes.fromhex(known_id) + mark for known_id, (_, mark) in known.items()])
            written = writes([Record.of(story) for story in saves], ends)
            if self._run("drop", did, seq, marks, self._alias_ms, *written)[0] == b"done":
                return tuple(StoryEvent("story.updated", left.id, story_data(left)) for left in saves)
        raise StoreError(f"document {did} could not be removed: its story changes too fast; try again")

    def rebuild(self, items: Iterable[Item]) -> dict[str, str | None]:
        """Makes the index anew from documents in the order they are given.

        Documents placed by others meanwhile stay.

        Returns:
            The story of each document, by id; None for a text that belongs to none.
        """
        self.forget()
        found: dict[str, str | None] = {}
        became: dict[str, str] = {}
        rest = iter(items)
        while some := list(islice(rest, 4 * _BATCH)):
            for one, placement in zip(some, self.place_many(some), strict=True):
                story = placement.data["story"]
                found[one.id] = story["id"] if story else None
                became |= {
                    event.story: event.data["merged_into"]
                    for event in placement.story_events
                    if event.type == "story.merged"
                }
        return {did: _last(became, sid) if sid else None for did, sid in found.items()}

    def forget(self) -> None:
        """Deletes the whole index."""
        self._readings.clear()
        self._stories.clear()
        self._written.clear()
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
                return story_data(Record(sid, b"", state, total).story())
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

    def _round(self, batch: Sequence[Asked]) -> dict[str, Placement]:
        """Enters a batch, decides and commits until nobody is faster; leaves out what was replaced or removed meanwhile."""
        version, entered, placements = self._enter(batch)
        for _ in range(_TRIES):
            if not entered:
                break
            known = self._known(entered)
            desk = Desk({sid: story for sid, (story, _) in known.items()})
            settled = [
                desk.settle(one.item, str(one.seq), one.member, one.before, one.looked) for one in entered
            ]
            marks = [bytes.fromhex(sid) + known[sid][1] for sid in sorted(desk.close) if sid in known]
            values: list[Any] = [version, b"".join(marks), self._alias_ms, len(entered)]
            for one, found in zip(entered, settled, strict=True):
                vector = pack_vector(one.member.vector) if found.story else b""
                answered = (pack_placement(found.placement), found.story or "", vector, one.member.day)
                values += [*one.values, *answered]
            records = [Record.of(story) for story in desk.saves]
            answer = self._run("commit", *values, *writes(records, desk.ends))
            if answer[0] == b"done":
                for record in records:
                    self._written[record.id, record.mark] = record
                return placements | {
                    one.item.id: found.placement for one, found in zip(entered, settled, strict=True)
                }
            version, states = answer[1], answer[2]
            placements |= {
                one.item.id: unpack_placement(state[1])
                for one, state in zip(entered, states, strict=True)
                if state[0] == b"done"
            }
            entered = [
                one.looking_at(state[1])
                for one, state in zip(entered, states, strict=True)
                if state[0] == b"open"
            ]
        return placements

    def _enter(self, batch: Sequence[Asked]) -> tuple[bytes, list[Entered], dict[str, Placement]]:
        """The version of the stories, the documents to decide, and those that are decided."""
        seen = min(milliseconds(asked.item.seen_at) for asked in batch)
        values: list[Any] = [seen - self._window, self._most, len(batch)]
        for asked in batch:
            values += asked_values(asked)
        version, answers = self._run("enter", *values)
        done = {
            asked.item.id: unpack_placement(answer[1])
            for asked, answer in zip(batch, answers, strict=True)
            if answer[0] == b"done"
        }
        opened = [
            (asked, answer) for asked, answer in zip(batch, answers, strict=True) if answer[0] == b"open"
        ]
        overlaps = self._overlaps([(asked, answer[3]) for asked, answer in opened])
        return version, [entered_from(*one, found) for one, found in zip(opened, overlaps, strict=True)], done

    def _overlaps(self, opened: Sequence[tuple[Asked, Sequence[bytes]]]) -> list[list[tuple[str, Overlap]]]:
        """What each document shares with those that may share something: ids and digests of these by turns."""
        readings: dict[tuple[str, bytes], Reading] = {}
        wanted: dict[tuple[str, bytes], None] = {}
        for asked, near in opened:
            readings[asked.item.id, asked.digest] = asked.reading
            for key in zip([did.decode() for did in near[::2]], near[1::2], strict=True):
                if (reading := self._readings.get(key)) is not None:
                    readings[key] = reading
                elif key not in readings:
                    wanted[key] = None
        if wanted:
            texts = self._fetch([did for did, _ in wanted], [])[0]
            for key, text in zip(wanted, texts, strict=True):
                if text is not None:  # another text may stand there by now: then what it shares is as true
                    readings[key] = read(unpack_text(text))
        for key, reading in readings.items():
            self._readings[key] = reading
        return [
            [
                (did, compare(asked.reading, readings[did, digest]))
                for did, digest in zip([one.decode() for one in near[::2]], near[1::2], strict=True)
                if (did, digest) in readings
            ]
            for asked, near in opened
        ]

    def _known(self, entered: Sequence[Entered]) -> dict[str, tuple[Story, bytes]]:
        """The stories that documents may belong to, with their marks."""
        known: dict[str, tuple[Story, bytes]] = {}
        wanted: dict[str, None] = {}
        for one in entered:
            for sid, mark in one.marks.items():
                if (story := self._remembered(sid, mark)) is not None:
                    known[sid] = (story, mark)
                else:
                    wanted[sid] = None
        return known | self._fetch([], list(wanted))[1] if wanted else known

    def _remembered(self, sid: str, mark: bytes) -> Story | None:
        story = self._stories.get((sid, mark))
        if story is None and (record := self._written.get((sid, mark))) is not None:
            # As every other process reads it: with its weights rounded.
            self._stories[sid, mark] = story = record.story()
        return story

    def _fetch(
        self, documents: Sequence[str], stories: Sequence[str]
    ) -> tuple[list[bytes | None], dict[str, tuple[Story, bytes]]]:
        texts, found = self._run("fetch", len(documents), *documents, *stories)
        known: dict[str, tuple[Story, bytes]] = {}
        for sid, (mark, state, total) in zip(stories, found, strict=True):
            if mark is not None:
                self._stories[sid, mark] = story = Record(sid, mark, state, total).story()
                known[sid] = (story, mark)
        return texts, known

    @property
    def _alias_ms(self) -> int:
        return 2 * self._window + _DAY_MS

    def _run(self, step: str, *arguments: str | bytes | float) -> Any:
        prefixes = (self._keys.sameness_document(""), self._keys.sameness_story(""))
        return self._script(keys=self._shared, args=[step, *prefixes, *arguments])


def _batches(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    """Batches of a bounded size in which no id stands twice."""
    batch: list[Asked] = []
    ids: set[str] = set()
    words = 0
    for one in asked:
        size = len(one.reading.words)
        if batch and (len(batch) >= _BATCH or words + size > _BATCH_WORDS or one.item.id in ids):
            yield batch
            batch, ids, words = [], set(), 0
        batch.append(one)
        ids.add(one.item.id)
        words += size
    if batch:
        yield batch


def _last(became: Mapping[str, str], sid: str) -> str:
    """What a story has become."""
    while sid in became:
        sid = became[sid]
    return sid


def _is_id(text: str) -> bool:
    return len(text) == 2 * _RAW_ID and all(c in "0123456789abcdef" for c in text)


def _check(did: str) -> None:
    if not _is_id(did):
        raise ValueError(f"{did!r} is no document id: 16 hexadecimal digits in lower case are one")
