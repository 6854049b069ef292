"""Several documents decided one after the other, each as if those before it had been written. Pure.

The stories were read once, for all of them; what a document does to them is kept here and is what the next one sees.
What is to be written comes out at the end: each story once, however many documents joined it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wireroom.placement import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireroom.placement import Before, Item, Settled
    from wireroom.stories import Member, Story

_FIRST: Final = 48
_IN_COMMON: Final = 3


class Desk:
    """Where documents are put into stories.

    Args:
        stories: the stories that were read, by id.

    Attributes:
        ends: ids of stories that are no more, each with the story it became, or None.
        close: ids of stories that mattered: had one of them been another, a decision might have been.
    """

    def __init__(self, stories: Mapping[str, Story]) -> None:
        self._stories = dict(stories)
        self._changed: dict[str, None] = {}
        self._begun: dict[str, frozenset[str]] = {}
        self._placed: dict[str, str] = {}
        self.ends: dict[str, str | None] = {}
        self.close: set[str] = set()

    def settle(self, item: Item, salt: str, member: Member, before: Before, looked: Iterable[str]) -> Settled:
        """Decides the story of the next document; see `wireroom.placement.settle`.

        Args:
            item: the document.
            salt: different for each text of a document.
            member: the document as a story sees it.
            before: what stood in the index.
            looked: ids of the stories it may belong to.
        """
        first = frozenset([*member.vector][:_FIRST])
        copied = before.copied or self._placed.get(before.exact_of or "")
        before = replace(before, copied=self._now(copied), story=self._now(before.story))
        ids = dict.fromkeys([self._now(sid) for sid in looked])
        ids |= dict.fromkeys([sid for sid in (before.copied, before.story) if sid])
        ids |= dict.fromkeys([sid for sid, terms in self._begun.items() if len(terms & first) >= _IN_COMMON])
        known = [story for sid in ids if sid and (story := self._stories.get(sid))]
        settled = settle(item, salt, member, before, known)
        self._keep(item, settled, first)
        return settled

    def _keep(self, item: Item, settled: Settled, first: frozenset[str]) -> None:
        self.close.update(settled.close)
        for story in settled.saves:
            if story.id not in self._stories:
                self._begun[story.id] = first
            self._stories[story.id] = story
            self._changed[story.id] = None
        for sid, into in settled.ends:
            self._stories.pop(sid, None)
            self._changed.pop(sid, None)
            self._begun.pop(sid, None)
            self.ends[sid] = into
        if settled.story:
            self._placed[item.id] = settled.story

    def _now(self, sid: str | None) -> str | None:
        """What a story has become here."""
        while sid in self.ends:
            sid = self.ends[sid]
        return sid

    @property
    def saves(self) -> list[Story]:
        """The stories as they are now, those that were changed."""
        return [self._stories[sid] for sid in self._changed]
