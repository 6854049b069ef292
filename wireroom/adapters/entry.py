"""What the command line asks for before there is a world: settings, files, the machine, the service's client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wireroom.adapters import configuration, documentfiles, logs, registry
from wireroom.errors import UsageError
from wireroom.intake import Checked, Rejection, check_files
from wireroom.networks import local_url
from wireroom.records import Stage, enrichers, queues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from wireroom.adapters.apiclient import ApiClient
    from wireroom.adapters.configuration import Loaded
    from wireroom.settings import Settings


def load_settings(config: Path | None, environ: Mapping[str, str]) -> Loaded:
    """What is in force and where each value comes from.

    Raises:
        SettingsError: a wrong name or value.
    """
    return configuration.load(config, environ)


def set_up_logs(settings: Settings, service: str) -> None:
    """Set this process's logs up."""
    logs.configure_logs(settings, service)


def machine(
    folder: Path,
    settings: Settings,
    commands: Sequence[Sequence[str]],
    config: Path | None,
    environ: dict[str, str],
) -> AbstractAsyncContextManager[str]:
    """The embedded server, these services and a worker for each queue, while the block runs."""
    from wireroom.adapters import local  # noqa: PLC0415 - only two commands need it

    serves = any(command[0] == "api" for command in commands)
    served = (Stage.NORMALIZE, *enrichers(settings.enrich))
    processes = [*local.services(commands, config), *local.workers(settings, served, config)]
    api_url = local_url(settings.host, settings.port) if serves else ""
    # Where only one run is made, everything is read at once and nothing outlives it.
    kept = Path(settings.segments) if settings.segments else folder / "segments"
    segments = kept.absolute() if serves else None
    return local.machine(
        folder, processes, environ, api_url=api_url, segments=segments, fsync=settings.embedded_fsync
    )


def chosen_queues(settings: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """The queues that are meant: those named, else ours and those of the users' enrichers that are switched on.

    Raises:
        UsageError: there is no queue of such a name, or its enricher is not installed here.
    """
    known = registry.known_queues(settings.enrich) if names else queues(settings.enrich)
    for name in names:
        if name not in known:
            raise UsageError(f"no queue {name!r}; there are {', '.join(known)}")
    return tuple(dict.fromkeys(names)) or known


def side_by_side(
    settings: Settings, served: Sequence[str], config: Path | None
) -> AbstractAsyncContextManager[None]:
    """A worker process for each of these queues, while the block runs."""
    from wireroom.adapters import local  # noqa: PLC0415 - only two commands need it

    return local.side_by_side(local.workers(settings, served, config))


def free_port(host: str, port: int) -> int:
    """See that a port can be listened on; 0 chooses one.

    Raises:
        AddressInUse: somebody else listens on it.
    """
    from wireroom.adapters import local  # noqa: PLC0415 - only one command needs it

    return local.free_port(host, port)


def check_address(settings: Settings) -> None:
    """See that the API may serve the address it is to listen on.

    Raises:
        SettingsError: it can be reached from elsewhere and there is no token, or an empty one.
    """
    from wireroom.adapters.http import server  # noqa: PLC0415 - only two commands need it

    server.check_address(settings)


def document_files(paths: Sequence[Path]) -> list[Path]:
    """The document files that paths mean.

    Raises:
        UsageError: there are none, or a path cannot be read.
    """
    return documentfiles.found(paths)


def check_document_files(files: Sequence[Path], settings: Settings) -> Checked:
    """Read and check document files; what cannot be taken is told, and the rest goes on."""
    unread: list[Rejection] = []
    read = documentfiles.read(files, settings.max_document, unread)
    checked = check_files(read, max_bytes=settings.max_document, max_urls=settings.max_urls)
    return Checked(checked.listings, (*unread, *checked.rejections))


def read_files(files: Sequence[Path]) -> tuple[list[tuple[str, bytes]], tuple[Rejection, ...]]:
    """Name and bytes of document files, for a service that checks them itself; and what could not be read."""
    unread: list[Rejection] = []
    return list(documentfiles.read(files, None, unread)), tuple(unread)


def api_client(
    settings: Settings, api: str | None, data: Path | None, environ: Mapping[str, str]
) -> ApiClient:
    """A client of the service at ``api``, or of the local one that runs, or of where the settings say."""
    from wireroom.adapters import datafolder  # noqa: PLC0415 - only the client's commands need it
    from wireroom.adapters.apiclient import ApiClient  # noqa: PLC0415

    service = None if api else datafolder.running_service(environ, data)
    token = settings.api_token.get_secret_value() if settings.api_token else None
    if token is None and service is not None and service.token_file:
        token = documentfiles.read_line(service.token_file)
    local = service.api_url if service else ""
    return ApiClient(api or local or local_url(settings.host, settings.port), token)
