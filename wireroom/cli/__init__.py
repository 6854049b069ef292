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

SECTIONS = {
    "Once, with nothing else running": {
        "run": ("run", "Read documents, fetch what they list, enrich everything, and end."),
    },
    "The whole service on this machine": {
        "up": ("processes", "Run everything, with a Redis-compatible server of its own. Ctrl-C stops it."),
    },
    "Ask a running service": {
        "submit": ("client", "Hand document files in."),
        "recrawl": ("client", "Fetch URLs again."),
        "status": ("client", "Show where everything stands."),
        "documents": ("client", "List documents, or show some."),
        "tail": ("streams", "Follow the streams."),
        "dead": ("client", "List what was given up, and try it again."),
        "hosts": ("hosts", "Show how each host is treated; pause one, set its delay."),
        "sources": ("sources", "Show the feeds and sitemaps that are asked; ask one now."),
        "doctor": ("streams", "Check that nothing is lost or stuck, and mend it."),
        "rebuild": ("streams", "Make the indexes of copies, stories and names anew from the documents."),
    },
    "One process of the service, on a Redis of yours (WIREROOM_REDIS_URL)": {
        "api": ("processes", "Serve the HTTP API."),
        "fetch": ("processes", "Fetch URLs whose turn has come."),
        "work": ("processes", "Work on queues: extraction and enrichment."),
        "schedule": ("processes", "Take back overdue work, let go of old records."),
        "deliver": ("processes", "Write published documents into a folder."),
        "watch": ("processes", "Take new document files of a folder as they appear."),
        "health": ("processes", "Tell whether a process of this host is alive."),
    },
    "Settings": {
        "config": ("settings", "Show every setting: its value and where it comes from."),
    },
}
"""Every command by section: the module it stands in, and what it does.

A module is imported when its command is called: ``wireroom --help`` imports none.
"""
COMMANDS = {
    name: f"wireroom.cli.{module}" for commands in SECTIONS.values() for name, (module, _) in commands.items()
}


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands by section."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(9), about) for name, (_, about) in commands.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file, instead of config/wireroom.toml.",
)
@click.version_option(version("wireroom"), prog_name="wireroom")
@click.pass_context
def group(context: click.Context, config: Path | None) -> None:
    """News documents in; their URLs fetched politely; every text dated, compared, tagged, and on Redis streams.

    Begin with `wireroom run FOLDER`, or with `wireroom up` and, in another terminal, `wireroom submit FOLDER`.
    Each command has its own --help.
    """
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
