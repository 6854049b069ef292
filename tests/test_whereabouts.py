"""Where a client finds Redis: told, set, a local service that runs, the default."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wireroom.adapters.datafolder import DataFolder, Service
from wireroom.adapters.whereabouts import client_settings
from wireroom.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULT = "redis://127.0.0.1:6379/0"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder of a service that runs, as ``data`` of the working folder."""
    monkeypatch.chdir(tmp_path)
    with DataFolder(tmp_path / "data") as data:
        data.write_service(
            Service("http://127.0.0.1:8600", "redis://:s@127.0.0.1:7000/0", {"up": (os.getpid(),)})
        )
        yield tmp_path / "data"


def test_a_local_service_that_runs_is_found(folder: Path, tmp_path: Path):
    assert client_settings(None, None, {}).redis_url == "redis://:s@127.0.0.1:7000/0"
    assert client_settings(None, None, {"WIREROOM_DATA": str(folder)}).redis_url.endswith(":7000/0")
    assert client_settings(None, None, {"WIREROOM_DATA": str(tmp_path / "other")}).redis_url == DEFAULT


def test_what_is_set_goes_before_what_is_found_and_what_is_told_before_both(folder: Path):
    environ = {"WIREROOM_REDIS_URL": "redis://set:1/0", "WIREROOM_NAMESPACE": "set:"}
    found = client_settings(None, None, environ)
    assert (found.redis_url, found.namespace) == ("redis://set:1/0", "set:")
    told = client_settings("redis://told:2/0", "told:", environ | {"WIREROOM_REDIS_PASSWORD": "kept"})
    assert (told.redis_url, told.namespace) == ("redis://told:2/0", "told:")
    assert told.redis_password
    assert told.redis_password.get_secret_value() == "kept"
    assert folder.is_dir()


def test_a_wrong_value_names_what_is_wrong():
    with pytest.raises(SettingsError, match="REDIS_URL"):
        client_settings("http://told", None, {})
