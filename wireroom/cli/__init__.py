"""The command line: ``wireroom``. Reads what a person typed, asks the world to do it, shows what came of it.

Exit codes: 0 done, 1 something was given up or went wrong, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from wireroom.errors import SettingsError, UsageError, WireroomError

COMMANDS = {
    "run": "wireroom.cli.run",
    "up": "wireroom.cli.processes",
    "api": "wireroom.cli.processes",
    "fetch": "wireroom.cli.processes",
    "work": "wireroom.cli.processes",
    "schedule": "wireroom.cli.processes",
    "deliver": "wireroom.cli.processes",
    "watch": "wireroom.cli.processes",
    "health": "wireroom.cli.processes",
    "config": "wireroom.cli.settings",
    "submit": "wireroom.cli.client",
    "recrawl": "wireroom.cli.client",
    "tail": "wireroom.cli.client",
    "status": "wireroom.cli.client",
    "dead": "wireroom.cli.client",
    "documents": "wireroom.cli.client",
    "hosts": "wireroom.cli.hosts",
    "doctor": "wireroom.cli.client",
}
"""Where each command stands. A module is imported when its command is called: ``wireroom --help`` is quick."""


class Commands(click.Group):
    """Finds commands by `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """One command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), f"{cmd_name}_command")
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file, instead of config/wireroom.toml.",
)
@click.version_option(version("wireroom"), prog_name="wireroom")
@click.pass_context
def group(context: click.Context, config: Path | None) -> None:
    """Streaming ingestion for news documents: fetched, normalized, dated, compared, tagged, on Redis streams."""
    context.obj = config


def main() -> None:
    """The entry point. Every error made on purpose is one clear line, never a traceback."""
    try:
        group.main(standalone_mode=False, prog_name="wireroom")
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except (UsageError, SettingsError) as error:
        click.echo(f"wireroom: {error}", err=True)
        sys.exit(2)
    except WireroomError as error:
        click.echo(f"wireroom: {error}", err=True)
        sys.exit(1)
