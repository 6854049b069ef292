"""Which enrichers are installed, by packages that really stand in a folder on the path."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from plugins import install

from wireroom.adapters import registry
from wireroom.adapters.configuration import load
from wireroom.errors import SettingsError, UsageError, WorkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINTS = {
    "troubled": "trouble:Troubled",
    "by-function": "trouble:make",
    "made_already": "trouble:made",
    "explodes": "trouble:explode",
    "versionless": "trouble:Versionless",
    "idle": "trouble:Idle",
    "gone": "trouble:NoSuchThing",
    "dates": "trouble:Troubled",
    "publish": "trouble:Troubled",
    "Loud": "trouble:Troubled",
}
USABLE = ["by-function", "explodes", "gone", "idle", "made_already", "troubled", "versionless"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder on the path with a package in it."""
    install(tmp_path / "site", POINTS)
    sys.path.insert(0, str(tmp_path / "site"))
    yield tmp_path / "site"
    sys.path.remove(str(tmp_path / "site"))
    sys.modules.pop("trouble", None)


@pytest.mark.usefixtures("folder")
def test_what_is_installed_is_found_and_a_name_that_is_taken_is_none():
    assert list(registry.installed()) == USABLE
    assert registry.known_queues(["troubled"])[:5] == (
        "normalize",
        "dates",
        "sameness",
        "entities",
        "troubled",
    )


@pytest.mark.usefixtures("folder")
def test_nothing_of_a_package_is_run_to_find_it():
    assert registry.missing(["dates", "troubled"]) is None
    assert "trouble" not in sys.modules


@pytest.mark.usefixtures("folder")
def test_a_name_that_nobody_offers_is_told_with_those_that_are_there():
    why = registry.missing(["dates", "trubled"])
    assert why is not None
    assert "no enricher 'trubled' is installed" in why
    assert "'troubled'" in why
    assert registry.missing(["dates", "sameness"]) is None


@pytest.mark.usefixtures("folder")
def test_the_settings_refuse_it_by_their_key(tmp_path: Path):
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load(empty, {"WIREROOM_ENRICH": "troubled,dates"}).settings.enrich == ("troubled", "dates")
    for wrong in ("dates,trubled", "Loud", "publish", "a b", "x" * 33, "été"):
        with pytest.raises(SettingsError) as caught:
            load(empty, {"WIREROOM_ENRICH": wrong})
        assert caught.value.key == "WIREROOM_ENRICH"
    file = tmp_path / "wrong.toml"
    file.write_text("enrich = ['trubled']")
    with pytest.raises(SettingsError, match=r"trubled.*wrong\.toml"):
        load(file, {})


def test_two_packages_with_one_name_are_refused_and_both_named(folder: Path):
    install(folder, {"troubled": "other:Other"}, package="other", source="class Other: version = '1'")
    with pytest.raises(UsageError, match=r"other \(other:Other\) and trouble \(trouble:Troubled\)"):
        registry.installed()
    assert registry.missing(["dates"]) is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["troubled", "by-function", "made_already"])
def test_a_class_a_function_and_an_object_are_loaded_once_and_warmed_up(name: str):
    enricher = registry.load(name)
    assert enricher.version == "t1"
    assert type(enricher).loads == 1  # type: ignore[attr-defined]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("explodes", RuntimeError, "no model here"),
        ("versionless", WorkError, "its version is None"),
        ("idle", WorkError, "cannot enrich"),
        ("gone", AttributeError, "NoSuchThing"),
        ("nowhere", WorkError, "no enricher 'nowhere'"),
    ],
)
def test_what_cannot_be_loaded_says_why(name: str, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        registry.load(name)


@pytest.mark.parametrize(
    ("words", "enrich", "says"),
    [
        (
            ["api"],
            "dates,nonsense",
            "WIREROOM_ENRICH: no enricher 'nonsense' is installed; there are 'dates'",
        ),
        (
            ["work", "nonsense"],
            "dates",
            "no queue 'nonsense'; there are normalize, dates, sameness, entities",
        ),
    ],
)
def test_a_process_that_names_what_is_not_there_refuses_to_start(words: list[str], enrich: str, says: str):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    done = subprocess.run(
        [sys.executable, "-m", "wireroom", *words],
        env=clean | {"WIREROOM_ENRICH": enrich}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
