"""``wireroom hosts``: how each host is treated, and why it waits; pause one, resume it, set its delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from wireroom.cli.asking import API, DATA, JSON, ask, show, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wireroom.adapters.apiclient import ApiClient

DEFAULT = "default"
"""Takes back what was set for one host."""
PAGE = 500


class Number(click.ParamType[int | float | str]):
    """A number, or the word that takes one back."""

    name = "number"

    def __init__(self, kind: type[int | float]) -> None:
        self._kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | float | str:
        """Read one."""
        if value == DEFAULT:
            return DEFAULT
        try:
            return self._kind(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor {DEFAULT!r}", param, ctx)


@click.command("hosts")
@click.argument("host", required=False)
@click.option("--pause", "paused", flag_value=True, type=bool, default=None, help="Fetch nothing of HOST.")
@click.option("--resume", "paused", flag_value=False, type=bool, help="Fetch from HOST again.")
@click.option(
    "--delay", type=Number(float), metavar="SECONDS", help="Between two requests to HOST; or `default`."
)
@click.option(
    "--pages-per-day", type=Number(int), metavar="N", help="Most pages of HOST in a day, 0 any; or `default`."
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Most hosts listed."
)
@JSON
@API
@DATA
@click.pass_obj
def hosts_command(
    config: Path | None,
    /,
    host: str | None,
    api: str | None,
    data: Path | None,
    *,
    limit: int,
    as_json: bool,
    **given: Any,
) -> None:
    """List hosts: how each is treated, and why it waits. Or show HOST, or set how it is treated."""
    changes = {
        name: None if value == DEFAULT else value for name, value in given.items() if value is not None
    }
    if host is None:
        if changes:
            raise click.UsageError("name the host that is meant")
        found = ask(config, api, data, lambda client: _listed(client, limit))
        show(found) if as_json else _table(found)
        return
    path = f"/v1/hosts/{quote(host, safe=':[]')}"

    async def question(client: ApiClient) -> Any:
        return await (client.patch(path, changes) if changes else client.get(path))

    answer = ask(config, api, data, question)
    show(answer) if as_json else _one(answer)


async def _listed(client: ApiClient, limit: int) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while len(found) < limit:
        answer = await client.get("/v1/hosts", limit=min(PAGE, limit - len(found)), cursor=cursor)
        found += answer["hosts"]
        cursor = answer["cursor"]
        if cursor is None:
            break
    return found


def _why(host: Mapping[str, Any]) -> str:
    """The reason behind a host's state, in a few words."""
    if host["backoff"]:
        return f"{host['backoff']['why']}, until {host['backoff']['until']}"
    if host["state"] == "full":
        return f"{host['pages']['today']} pages today"
    return host["next"] or ""


def _table(found: list[Any]) -> None:
    columns = ["host", "state", "why", "waiting", "delay", "from", "pages today", "robots.txt", "last error"]
    rows = [
        [
            host["host"],
            host["state"],
            _why(host),
            host["waiting"],
            f"{host['delay']['seconds']:g} s",
            host["delay"]["from"],
            _pages(host),
            ", ".join(robots["verdict"] for robots in host["robots"]),
            host["last_error"]["code"] if host["last_error"] else "",
        ]
        for host in found
    ]
    table(columns, rows)


def _pages(host: Mapping[str, Any]) -> str:
    pages = host["pages"]
    return f"{pages['today']}/{pages['per_day']}" if pages["per_day"] else str(pages["today"])


def _one(host: Mapping[str, Any]) -> None:
    error, delay = host["last_error"], host["delay"]
    asked = "" if delay["robots"] is None else f"; its robots.txt asks for {delay['robots']:g} s"
    rows: list[list[object]] = [
        ["host", host["host"]],
        ["state", f"{host['state']}  {_why(host)}".rstrip()],
        ["waiting", host["waiting"]],
        ["delay", f"{delay['seconds']:g} s, by {delay['from']}{asked}"],
        ["pages today", _pages(host)],
        [
            "failures in a row",
            f"{host['failures']}, since {host['failing_since']}" if host["failures"] else 0,
        ],
    ]
    rows += [
        ["robots.txt", f"{robots['origin']}: {robots['verdict']}, kept until {robots['until']}"]
        for robots in host["robots"]
    ]
    if host["looks"]["documents"]:
        looks = host["looks"]
        rows.append(["looked at again", f"{looks['documents']} documents, {looks['due']} due"])
    rows += [["sitemap", url] for url in host["sitemaps"]]
    if error:
        rows.append(["last error", f"{error['code']} at {error['at']}: {error['url']}: {error['detail']}"])
    table(["", ""], rows)
