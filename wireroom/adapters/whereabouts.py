"""Where a program that is only a client finds Redis: told so, set so, a local service that runs, or the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireroom.adapters import configuration
from wireroom.adapters.datafolder import find_service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.settings import Settings


def client_settings(redis_url: str | None, namespace: str | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a client.

    Args:
        redis_url: as the caller gave it; else the settings', else that of a local ``wireroom up`` that runs.
        namespace: as the caller gave it; else the settings'.
        environ: the environment.

    Raises:
        SettingsError: a value is wrong, given here or set.
    """
    given = dict(environ)
    if redis_url is not None:
        given["WIREROOM_REDIS_URL"] = redis_url
        given.pop("WIREROOM_REDIS_URL_FILE", None)
    if namespace is not None:
        given["WIREROOM_NAMESPACE"] = namespace
    loaded = configuration.load(None, given)
    if loaded.origins["redis_url"] == "default" and (service := find_service(environ)):
        given["WIREROOM_REDIS_URL"] = service.redis_url
        if service.segments:
            given["WIREROOM_SEGMENTS"] = service.segments
        loaded = configuration.load(None, given)
    return loaded.settings
