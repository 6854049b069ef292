"""What was measured, as text: one table each, a few words on how to read it."""

from __future__ import annotations

import os
import platform
import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from run import WholePath

FUNCTIONS = {
    "work-normalize, its pool": ("extract",),
    "work-dates, its pool": ("dates",),
    "work-sameness": ("place",),
    "work-entities, its pool": ("tagger", "names"),
    "redis": ("place, server",),
}
"""What each process is there for; what it takes beyond is overhead, and so is every other process."""

MB = 1024 * 1024


def title(count: int, sizes: Sequence[int], sites: int) -> None:
    """On what everything is measured."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{count} invented pages of {sizes[0] // 1000} to {sizes[-1] // 1000} kB on {sites} sites; ", end=""
    )
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load}")


def table(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table: the first column to the left, the rest to the right."""
    shown = [[_cell(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[n]) for row in shown) for n in range(len(columns))]
    print(f"\n{name}")
    for row in shown:
        cells = [
            cell.ljust(w) if n == 0 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())


def _cell(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def fetch(found: dict[str, Any]) -> None:
    """The fetcher beside a bare loop."""
    rows = [
        (
            name,
            found[what]["cpu"]["fetch"] / found[what]["pages"] * 1000,
            found[what]["pages"] / found[what]["wall"],
        )
        for what, name in (
            ("aiohttp", "bare aiohttp loop"),
            ("fetch", "Wireroom's fetcher, no robots, no ledger"),
        )
    ]
    table(
        "Fetching alone, one process, gzip",
        ("", "CPU ms/page", "pages/s"),
        [(n, f"{c:.2f}", w) for n, c, w in rows],
    )


def ceiling(found: dict[str, Any]) -> None:
    """Trafilatura alone."""
    rows = []
    for name, parts in found.items():
        pages = sum(part["pages"] for part in parts)
        cpu = sum(part["cpu"]["trafilatura"] for part in parts)
        what, processes = name.split(", ")
        rows.append((what, processes, cpu / pages * 1000, pages / max(part["wall"] for part in parts)))
    table(
        "The ceiling: trafilatura alone, text and metadata, pages in memory",
        ("", "processes", "CPU ms/page", "pages/s"),
        rows,
    )


def path(one: WholePath) -> None:
    """One configuration of the whole path."""
    whole = sum(one.cpu.values())
    rows: list[tuple[object, ...]] = [
        (name, cpu * 1000, f"{cpu / whole:.0%}") for name, cpu in sorted(one.cpu.items(), key=lambda i: -i[1])
    ]
    rows.append(("all", whole * 1000, "100%"))
    speed = one.documents / one.wall
    cores = os.cpu_count() or 1
    table(
        f"The whole path, extraction {one.mode}, enrichers {one.enrich}: {speed:.1f} documents/s, "
        f"{whole:.3f} CPU s/document, so {cores / whole:.0f}/s with all {cores} cores to itself "
        f"({one.documents} documents in {one.wall:.1f} s, {one.without} without a document; "
        f"others kept {one.cores:.1f} cores busy)",
        ("process", "CPU ms/document", "share"),
        rows,
    )


def memory(one: WholePath) -> None:
    """Memory of each process, and what it does when there is nothing to do."""
    seconds = one.rest.at - one.idle.at
    idle = one.rest.cpu_since(one.idle)
    rows = [
        (
            name,
            done.processes,
            one.rest.usage[name].pss / MB,
            done.pss / MB,
            done.peak / MB,
            idle[name] / seconds * 1000,
        )
        for name, done in one.done.usage.items()
        if name in idle
    ]
    sums = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    table(
        "Memory in MB: proportional set size warm and idle, and after the run; largest resident size ever",
        ("process", "processes", "idle", "after", "largest", "idle CPU ms/s"),
        [*rows, ("all", *sums)],
    )


def store(one: WholePath) -> None:
    """What the guarantees cost in Redis, without what an idle service asks for anyway."""
    count, idle, rest, done = one.documents, one.idle, one.rest, one.done
    pause, seconds = rest.at - idle.at, done.at - rest.at
    waiting = rest.commands_since(idle)
    commands = {
        name: (calls - waiting.get(name, 0) / pause * seconds) / count
        for name, calls in done.commands_since(rest).items()
    }
    trips = (
        done.round_trips - rest.round_trips - (rest.round_trips - idle.round_trips) / pause * seconds
    ) / count
    rows: list[tuple[object, ...]] = [
        ("the ledger's atomic steps (FCALL)", commands.get("fcall", 0.0)),
        ("the index of sameness (EVALSHA)", commands.get("evalsha", 0.0)),
        ("RQ jobs", commands.get("rpush", 0.0)),
        ("commands, those inside of steps included", sum(commands.values())),
        ("reads from a client's socket (about a round trip)", trips),
        ("kB over the server's sockets", (done.wire - rest.wire) / count / 1000),
        ("kB of memory kept", (done.memory - rest.memory) / count / 1000),
        ("kB of append-only file", (done.log - rest.log) / count / 1000),
        ("idle service: commands a second", sum(waiting.values()) / pause),
    ]
    table("Redis, for each document", ("", ""), rows)
    most = sorted(commands.items(), key=lambda item: -item[1])[:14]
    print("  most: " + ", ".join(f"{name} {calls:.1f}" for name, calls in most))


def kept(found: dict[str, int], documents: int) -> None:
    """What the memory is kept for."""
    most = sorted(found.items(), key=lambda item: -item[1])[:12]
    print("  kB kept a document, warming included: ", end="")
    print(", ".join(f"{kind} {size / documents / 1000:.1f}" for kind, size in most))


def latency(took: Sequence[float], steps: Mapping[str, Sequence[float]]) -> None:
    """From one POST to its entry."""
    ordered = sorted(took)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    rows = [
        ("POST to stream entry", statistics.median(took) * 1000, p95 * 1000),
        *(
            (
                f"  {name}" if name == "POST answered" else f"  then {name}",
                statistics.median(v) * 1000,
                max(v) * 1000,
            )
            for name, v in steps.items()
        ),
    ]
    table(
        f"Latency of a single URL, warm and idle service, {len(took)} one after the other (ms; of the steps the largest)",
        ("", "p50", "p95"),
        rows,
    )


def overhead(paths: Sequence[WholePath], measured: Sequence[dict[str, float]]) -> None:
    """What is neither extraction nor an enrichment."""
    functions = {name: statistics.mean(one[name] for one in measured) for name in measured[0]}
    drift = sum(measured[-1].values()) / sum(measured[0].values())
    table(
        f"The pure functions alone, two processes (second measuring / first: {drift:.2f})",
        ("function", "CPU ms/document"),
        [(name, f"{value * 1000:.2f}") for name, value in functions.items()],
    )
    for one in paths:
        rows: list[tuple[object, ...]] = []
        total = 0.0
        for name, cpu in sorted(one.cpu.items(), key=lambda i: -i[1]):
            pure = sum(
                functions[_function(part, one.mode)]
                for part in FUNCTIONS.get(name, ())
                if _runs(part, one.enrich)
            )
            total += pure
            rows.append((name, cpu * 1000, pure * 1000, (cpu - pure) * 1000))
        whole = sum(one.cpu.values())
        rows.append(("all", whole * 1000, total * 1000, (whole - total) * 1000))
        # What runs beside the pools is measured, not subtracted: it does not drown when the machine is noisy.
        placing = functions["place"] + functions["place, server"]
        beside = sum(cpu for name, cpu in one.cpu.items() if not name.endswith("pool")) - placing
        table(
            f"Overhead, extraction {one.mode}, enrichers {one.enrich}: {(whole - total) / whole:.0%} of the whole "
            f"by subtraction; {(beside + functions['draft']) / whole:.0%} counted as what runs outside the pools, "
            "less placing, and the making of drafts",
            ("process", "CPU ms/document", "of it functions", "overhead"),
            rows,
        )


def _function(part: str, mode: str) -> str:
    return f"extract {mode}" if part == "extract" else part


def _runs(part: str, enrich: str) -> bool:
    return {"tagger": "entities", "names": "entities"}.get(part, "dates") in enrich.split(",")


def plain(one: WholePath) -> dict[str, Any]:
    """One configuration for a machine to read."""
    return {
        "mode": one.mode,
        "enrich": one.enrich,
        "documents": one.documents,
        "wall": one.wall,
        "cpu": one.cpu,
        "others": one.cores,
        "commands": one.done.commands_since(one.rest),
    }
