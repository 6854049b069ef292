"""What every command that asks a running service has: the options that find it, the question, the shape of answers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wireroom.world import api_client, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wireroom.adapters.apiclient import ApiClient

JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON on stdout.")
API = click.option(
    "--api", metavar="URL", help="Address of the service; a local `wireroom up` is found without it."
)
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="WIREROOM_DATA",
    metavar="DIR",
    help="Data folder of the local `wireroom up` that is meant; else ./data.",
)
T = TypeVar("T")


def ask(
    config: Path | None,
    api: str | None,
    data: Path | None,
    question: Callable[[ApiClient], Coroutine[Any, Any, T]],
) -> T:
    """Put a question to the service."""

    async def put() -> T:
        async with api_client(load_settings(config, os.environ).settings, api, data, os.environ) as client:
            return await question(client)

    return asyncio.run(put())


def show(value: Any) -> None:
    """A JSON value, indented, to stdout."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def table(columns: list[str], rows: list[list[object]]) -> None:
    """Rows of plain text: fitted to a terminal, and one line each where it is no terminal."""
    texts = [["" if cell is None else printable(str(cell)) for cell in row] for row in rows]
    console = Console()
    if not console.is_terminal:
        widths = [max(map(len, column)) for column in zip(columns, *texts, strict=True)]
        for row in [columns, *texts]:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(cells).rstrip())
        return
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        # The first names the row: whoever copies it wants it whole.
        shown.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in texts:
        shown.add_row(*map(Text, row))
    console.print(shown)


def printable(text: str) -> str:
    """Text from elsewhere in one line, without what moves a terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tell_rejected(rejected: list[Any]) -> None:
    """Say on stderr what was not taken, and why."""
    for item in rejected:
        line = f"not taken  {item['name']}: {item['detail']} ({item['reason']})"
        click.echo(printable(line), err=True)
