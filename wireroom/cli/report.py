"""What a person sees of a run: one line for each thing that happens, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from wireroom.events import Event, Stream, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from wireroom.intake import Checked

WIDTH = 46
NAMES = 4


class Report:
    """Writes progress to one console and the summary to another. Everything shown is plain text, never markup."""

    def __init__(self, progress: Console, summary: Console) -> None:
        self._progress = progress
        self._summary = summary
        self._status = progress.status("starting") if progress.is_terminal else None

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
        console = self._summary
        console.print()
        console.print(document_table(documents))
        for table in (shared_table(documents), story_table(documents), unfetched_table(events)):
            if table is not None:
                console.print()
                console.print(table)
        console.print()
        counts = {name: stats[name] for name in ("published", "unchanged", "refused", "failed", "cancelled")}
        line = f"{stats['accepted']} accepted = " + " + ".join(f"{n} {name}" for name, n in counts.items())
        console.print(Text(line + f"; {len(checked.rejections)} not taken", style="bold"), soft_wrap=True)
        if out is not None:
            console.print(Text(f"documents written to {out}/"), soft_wrap=True)


def headline(data: Mapping[str, Any]) -> str:
    """The title, or the beginning of the text."""
    line = " ".join((data["title"] or data["text"][: 4 * WIDTH]).split())
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def document_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """Each document: where from, when, which story, what names."""
    table = _table("document", "from", "published", "evidence", "lang", "story", "names")
    for data in documents.values():
        published, story = data["dates"]["published"], data["sameness"]["story"]
        origin = data["origin"]["name"] or data["url"] or ""
        names = ", ".join(entity["name"] for entity in data["entities"][:NAMES])
        table.add_row(
            *(
                Text(cell)
                for cell in (
                    headline(data),
                    origin.removeprefix("http://").removeprefix("https://"),
                    published["value"] if published else "unknown",
                    published["evidence"] if published else "",
                    data["language"]["code"] or "?",
                    story["id"][:6] if story else "",
                    names,
                )
            )
        )
    return table


def shared_table(documents: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """What documents have in common, to the word; None when nothing."""
    table = _table(
        "document", "shares with", "words in common", "share", "for example", title="shared passages"
    )
    for data in documents.values():
        near = {other["id"]: other["similarity"] for other in data["sameness"]["near"]}
        for shared in data["sameness"]["shares"]:
            other = documents.get(shared["id"])
            longest = max(shared["passages"], key=lambda p: p[1] - p[0])
            passage = data["text"][longest[0] : longest[1]]
            words = sum(len(data["text"][p[0] : p[1]].split()) for p in shared["passages"])
            kind = f"{shared['share']:.0%}" + (" near-copy" if shared["id"] in near else "")
            name = headline(other) if other else shared["id"]
            row = (headline(data), name, str(words), kind, f"“{' '.join(passage.split())[:60]}…”")
            table.add_row(*(Text(cell) for cell in row))
    return table if table.row_count else None


def story_table(documents: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """The stories that more than one document tells; None when there is none."""
    stories: dict[str, list[Mapping[str, Any]]] = {}
    for data in documents.values():
        if data["sameness"]["story"]:
            stories.setdefault(data["sameness"]["story"]["id"], []).append(data)
    table = _table("story", "documents", "told by", "why", title="stories")
    for story, members in stories.items():
        if len(members) > 1:
            why = members[-1]["sameness"]["story"]["why"] or {}
            terms = ", ".join(str(term) for term in (why.get("terms") or [])[:6])
            told = "\n".join(headline(member) for member in members)
            table.add_row(*(Text(cell) for cell in (story[:6], str(len(members)), told, terms)))
    return table if table.row_count else None


def unfetched_table(events: Sequence[Event]) -> Table | None:
    """The URLs that no document came of, and why; None when there is none."""
    table = _table("not fetched", "reason", "detail", "tries", title="URLs without a document")
    for event in events:
        if event.type in {Type.FETCH_FAILED, Type.FETCH_REFUSED}:
            data = event.data
            row = (data["url"], data["reason"] or "", data["detail"] or "", str(data["tries"]))
            table.add_row(*(Text(cell) for cell in row))
    return table if table.row_count else None


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold"
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
