"""What a person sees of a run: one line for each thing that happens, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wireroom.events import Event, Stream, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wireroom.intake import Checked

NAMES = 3
"""Names shown of each document."""
FILE_WIDTH = 190
"""Columns that a summary takes where it does not go to a terminal."""


class Report:
    """Writes progress to one console and the summary to another. Everything shown is plain text, never markup."""

    def __init__(self, *, summary_to_stderr: bool) -> None:
        self._progress = Console(stderr=True)
        self._summary = Console(stderr=summary_to_stderr)
        if not self._summary.is_terminal:
            self._summary = Console(stderr=summary_to_stderr, width=FILE_WIDTH)
        self._status = self._progress.status("starting") if self._progress.is_terminal else None

    def taken(self, checked: Checked) -> None:
        """What was read."""
        urls = sum(len(listing.urls) for listing in checked.listings)
        self._say(f"{len(checked.listings)} documents read, {urls} source URLs in them")
        for rejection in checked.rejections:
            self._say(f"not taken  {rejection.name}: {rejection.detail} ({rejection.reason})", "red")
        if self._status is not None:
            self._status.start()

    def progress(self, stats: Mapping[str, Any]) -> None:
        """Where everything stands."""
        if self._status is not None:
            waiting = ", ".join(f"{count} {state}" for state, count in stats["waiting"].items() if count)
            self._status.update(Text(f"{stats['published']} published; {waiting or 'all done'}"))

    def progress_done(self) -> None:
        """Nothing more will happen."""
        if self._status is not None:
            self._status.stop()

    def event(self, event: Event) -> None:
        """One thing that happened."""
        data = event.data
        match event.type:
            case Type.FETCH_SUCCEEDED | Type.FETCH_UNCHANGED:
                self._say(f"fetched    {data['url']}")
            case Type.FETCH_FAILED:
                self._say(f"failed     {data['url']}: {data['reason']}", "red")
            case Type.FETCH_REFUSED:
                self._say(f"refused    {data['url']}: {data['reason']}", "yellow")
            case Type.DOCUMENT_CREATED | Type.DOCUMENT_UPDATED:
                self._say(f"published  {data['id']}  {headline(data)}")
            case _:
                pass

    def _say(self, line: str, style: str = "") -> None:
        self._progress.print(Text(line, style=style), soft_wrap=True)

    def summary(
        self, checked: Checked, events: Sequence[Event], stats: Mapping[str, Any], out: Path | None
    ) -> None:
        """What came of it all."""
        documents = {e.data["id"]: e.data for e in events if e.type.stream is Stream.DOCUMENTS}
        numbers = {did: str(number) for number, did in enumerate(documents, start=1)}
        console = self._summary
        console.print()
        tables = (
            document_table(documents),
            story_table(documents),
            shared_table(documents),
            unfetched_table(events),
        )
        for table in tables:
            if table.row_count:
                console.print(table)
                console.print()
        counts = {
            name: stats.get(name, 0) for name in ("published", "unchanged", "refused", "failed", "cancelled")
        }
        line = f"{stats.get('accepted', 0)} accepted = " + " + ".join(
            f"{n} {name}" for name, n in counts.items()
        )
        waiting = sum(stats.get("waiting", {}).values())
        line += f" + {waiting} waiting" if waiting else ""
        console.print(Text(f"{line}; {len(checked.rejections)} not taken", style="bold"), soft_wrap=True)
        if out is not None:
            console.print(Text(f"{len(numbers)} documents written to {out}/"), soft_wrap=True)


def headline(data: Mapping[str, Any], width: int = 60) -> str:
    """The title, or the beginning of the text."""
    return cut(data["title"] or data["text"][: 4 * width], width)


def cut(text: str, width: int) -> str:
    """The beginning of a text, in one line of at most ``width`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def document_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """Each document: where from, when and how we know, which story, what names."""
    table = _table("#", "document", "from", "published", "by", "lang", "story", "names", title="Documents")
    for number, data in enumerate(documents.values(), start=1):
        published, story = data["dates"]["published"], data["sameness"]["story"]
        origin = data["origin"]["name"] or data["url"] or ""
        _row(
            table,
            number,
            headline(data, 42),
            cut(origin.removeprefix("http://").removeprefix("https://"), 34),
            published["value"] if published else "unknown",
            cut(published["evidence"], 14) if published else "",
            data["language"]["code"] or "?",
            story["id"][:6] if story else "",
            cut(", ".join(entity["name"] for entity in data["entities"][:NAMES]), 40),
        )
    return table


def story_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """The stories that more than one document tells."""
    stories: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, data in enumerate(documents.values(), start=1):
        if data["sameness"]["story"]:
            stories.setdefault(data["sameness"]["story"]["id"], []).append((number, data))
    table = _table("story", "documents", "first told by", "because of", title="Stories")
    for story, members in stories.items():
        if len(members) > 1:
            why = members[-1][1]["sameness"]["story"]["why"] or {}
            terms = ", ".join(str(term) for term in (why.get("terms") or [])[:8])
            told = " ".join(f"#{number}" for number, _ in members)
            _row(table, story[:6], told, headline(members[0][1], 46), cut(terms, 50))
    return table


def shared_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """What documents have in common, to the word."""
    table = _table("document", "with", "words", "share", "", "such as", title="Shared passages")
    numbers = {did: number for number, did in enumerate(documents, start=1)}
    for data in documents.values():
        near = {other["id"] for other in data["sameness"]["near"]}
        for shared in data["sameness"]["shares"]:
            longest = max(shared["passages"], key=lambda p: p[1] - p[0])
            passage = " ".join(data["text"][longest[0] : longest[1]].split())
            words = sum(len(data["text"][p[0] : p[1]].split()) for p in shared["passages"])
            _row(
                table,
                f"#{numbers[data['id']]}",
                f"#{numbers.get(shared['id'], shared['id'])}",
                words,
                f"{shared['share']:.0%}",
                "near-copy" if shared["id"] in near else "",
                f"“{cut(passage, 90)}”",
            )
    return table


def unfetched_table(events: Sequence[Event]) -> Table:
    """The URLs that no document came of, and why."""
    table = _table("URL", "reason", "tries", "detail", title="Not fetched")
    for event in events:
        if event.type in {Type.FETCH_FAILED, Type.FETCH_REFUSED}:
            data = event.data
            _row(table, cut(data["url"], 62), data["reason"], data["tries"], cut(data["detail"] or "", 60))
    return table


def _table(*columns: str, title: str) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="dim", title=title, title_justify="left", title_style="bold"
    )
    for column in columns:
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(str(cell)) for cell in cells))
