"""Loading the settings: defaults, over them a TOML file, over it the environment. Knows the disk; gives pure values.

Every wrong name or value is a `SettingsError` that names the key as it is written where it stands. No message shows
the value of a secret.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from wireroom.adapters.registry import missing
from wireroom.errors import SettingsError
from wireroom.settings import Settings
from wireroom.sources import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "WIREROOM_"
FILE = "_FILE"
DEFAULT_FILE = Path("config/wireroom.toml")
"""Read when it is there, relative to the working folder."""
RESERVED = frozenset({"WIREROOM_DATA", "WIREROOM_CONFIG"})
"""Names in the environment that are no settings: the data folder and the settings file."""
FROM_FILE = ("redis_url", "redis_password", "api_token")
"""Settings that may stand in a file, named by the variable with ``_FILE`` behind it."""
_LISTS = frozenset(name for name, field in Settings.model_fields.items() if isinstance(field.default, tuple))
_SOURCES = frozenset({"sources_feeds", "sources_sitemaps"})
"""Settings whose values hold blanks: an address and its options."""
_MASK = "********"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in force, and where each value comes from.

    Attributes:
        settings: the values.
        origins: by setting: ``default``, ``file <path>`` or ``environment <name>``.
    """

    settings: Settings
    origins: Mapping[str, str]

    def shown(self) -> dict[str, Any]:
        """The values as they may be shown: secrets masked, unknown ones None. JSON can hold each."""
        values = self.settings.model_dump(mode="json")
        secret = {name for name, value in self.settings if isinstance(value, SecretStr)}
        return {
            name: _MASK if name in secret else _without_password(value) if name == "redis_url" else value
            for name, value in values.items()
        }


@dataclass(frozen=True, slots=True)
class _Given:
    """One value as it was found."""

    value: Any
    key: str
    origin: str


def load(config: Path | None, environ: Mapping[str, str]) -> Loaded:
    """Read the settings that are in force.

    Args:
        config: the settings file; None takes the one ``WIREROOM_CONFIG`` names, else ``config/wireroom.toml`` when
            the working folder has it.
        environ: the environment.

    Raises:
        SettingsError: an unknown name, a wrong value, a value given twice, a named file that cannot be read.
    """
    if config is None and environ.get("WIREROOM_CONFIG"):
        config = Path(environ["WIREROOM_CONFIG"])
    if config is None and DEFAULT_FILE.is_file():
        config = DEFAULT_FILE
    given = (_from_toml(config) if config else {}) | _from_environment(environ)
    try:
        settings = Settings.model_validate({name: found.value for name, found in given.items()})
    except ValidationError as error:
        raise _wrong_value(error, given) from None
    _check_enrichers(settings, given)
    origins = {name: given[name].origin if name in given else "default" for name in Settings.model_fields}
    return Loaded(settings, origins)


def _check_enrichers(settings: Settings, given: Mapping[str, _Given]) -> None:
    """See that what is switched on can run: a name that nobody works on would keep every document waiting."""
    if (why := missing(settings.enrich)) is not None:
        found = given["enrich"]
        raise SettingsError(found.key, f"{why}{_where(found)}. {_allowed('enrich')}")


def _from_toml(path: Path) -> dict[str, _Given]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise SettingsError(str(path), f"is not TOML: {error}") from error
    found: dict[str, _Given] = {}
    for key, value in _flat(tree):
        name = key.replace(".", "_")
        if name not in Settings.model_fields:
            raise SettingsError(key, f"no such setting (in {path}){_closest(name, Settings.model_fields)}")
        if name in found:
            raise SettingsError(key, f"given twice in {path}: also as {found[name].key}")
        if isinstance(value, bool) and Settings.model_fields[name].annotation is not bool:
            raise SettingsError(key, f"true and false mean nothing here (in {path}). {_allowed(name)}")
        found[name] = _Given(_plain(name, value), key, f"file {path}")
    return found


def _flat(tree: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Keys with their values; those of a section with the section's name before them: ``fetch.delay``."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", below) for inner, below in value.items())
        else:
            yield key, value


def _from_environment(environ: Mapping[str, str]) -> dict[str, _Given]:
    names = {PREFIX + name.upper(): name for name in Settings.model_fields}
    files = {PREFIX + name.upper() + FILE: name for name in FROM_FILE}
    found: dict[str, _Given] = {}
    for key, text in sorted(environ.items()):
        if not key.startswith(PREFIX) or key in RESERVED:
            continue
        name = names.get(key) or files.get(key)
        if name is None:
            raise SettingsError(key, f"no such setting{_closest(key, [*names, *files, *RESERVED])}")
        if not text and name in FROM_FILE:  # compose passes an unset variable on as an empty one
            continue
        if name in found:
            raise SettingsError(key, f"given twice: also as {found[name].key}. Keep one of the two")
        value = _secret_of(key, Path(text)) if key in files else text
        found[name] = _Given(_plain(name, value), key, f"environment {key}")
    return found


def _secret_of(key: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(key, f"cannot read {path}: {reason}") from None
    if not text:
        raise SettingsError(key, f"{path} is empty")
    return text


def _plain(name: str, value: Any) -> Any:
    """A value as the settings' type wants it: lists from ``a,b``; an empty secret is none."""
    if name in _SOURCES and isinstance(value, str):
        return split(value)
    if name in _LISTS and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if name in FROM_FILE and value == "" and Settings.model_fields[name].default is None:
        return None
    return value


def _wrong_value(error: ValidationError, given: Mapping[str, _Given]) -> SettingsError:
    """The first thing that is wrong, without the value where it is a secret."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    found = given[name]
    value = found.value
    if isinstance(value, list) and len(first["loc"]) > 1:
        value = value[int(first["loc"][1])]  # which of them
    shown = "" if name in FROM_FILE else f"{value!r}: "
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return SettingsError(found.key, f"{shown}{message}{_where(found)}. {_allowed(name)}")


def _where(found: _Given) -> str:
    return f" (in {found.origin.removeprefix('file ')})" if found.origin.startswith("file ") else ""


def _allowed(name: str) -> str:
    field = Settings.model_fields[name]
    default = "" if name in FROM_FILE else f" Default: {_written(field.default)}"
    return f"{field.description}{default}"


def _written(value: Any) -> str:
    return (",".join(map(str, value)) if isinstance(value, tuple) else str(value)) or "empty"


def _closest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    query = "&".join(
        f"{key}={_MASK}" if key == "password" else f"{key}{equals}{value}"
        for key, equals, value in (pair.partition("=") for pair in parts.query.split("&"))
    )
    login = f"{name}{colon}{_MASK if colon else ''}{at}"
    return f"{parts.scheme}://{login}{host}{parts.path}{'?' if query else ''}{query}"
