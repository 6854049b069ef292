"""``wireroom config``: what is in force, and where each value comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import orjson

from wireroom.cli.asking import table
from wireroom.settings import Settings
from wireroom.world import load_settings

if TYPE_CHECKING:
    from pathlib import Path


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def config_command(config: Path | None, *, as_json: bool) -> None:
    """Show every setting: its value, where it comes from, what it is for."""
    loaded = load_settings(config, os.environ)
    values = loaded.shown()
    if as_json:
        shown = {name: {"value": value, "from": loaded.origins[name]} for name, value in values.items()}
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return
    rows: list[list[object]] = [
        [name, value, loaded.origins[name], Settings.model_fields[name].description]
        for name, value in values.items()
    ]
    table(["setting", "value", "from", "what it is"], rows)
