"""Packages with enrichers, installed into a folder of their own: the project's example, and one that gives trouble."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "enricher"
TROUBLE = '''
import ctypes, os, sys, time
from collections.abc import Mapping

class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")

class Trap(Mapping):
    def __iter__(self):
        raise SystemExit("a trap")

    def __getitem__(self, name):
        raise KeyError(name)

    def __len__(self):
        return 1

class Troubled:
    """Does what the text says."""

    version = "t1"
    loads = 0

    def load(self):
        Troubled.loads += 1

    def enrich(self, document):
        for word in ("raise", "mute", "hang", "exit", "vanish", "leave", "crash", "hog", "huge", "odd", "list", "trap", "chatter"):
            if f"please {word} now" in document.text:
                return getattr(self, word)()
        return {"loads": Troubled.loads, "pid": os.getpid(), "length": len(document.text)}

    def mute(self):
        raise Mute

    def hang(self):
        while True:
            time.sleep(60)

    def exit(self):
        os._exit(7)

    def vanish(self):
        os._exit(0)

    def leave(self):
        sys.exit(3)

    def crash(self):
        ctypes.string_at(0)

    def hog(self):
        return {"n": len(bytearray(1 << 40))}

    def huge(self):
        return {"text": "x" * 70_000}

    def odd(self):
        return {"when": {1, 2}}

    def list(self):
        return ["not", "a", "mapping"]

    def trap(self):
        return Trap()

    def chatter(self):
        print("not an event", flush=True)
        return {}

def failing(self):
    raise LookupError("nothing of that kind")

setattr(Troubled, "raise", failing)
made = Troubled()
calls = []

def make():
    return Troubled()

def explode():
    raise RuntimeError("no model here")

class Versionless:
    def enrich(self, document):
        return {}

class Idle:
    version = "1"
'''


def install_example(target: Path, scratch: Path) -> None:
    """Build the example's wheel and put it into a folder, as ``pip install --target`` does."""
    source = scratch / "example"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    code = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(scratch)], cwd=source, check=True, capture_output=True)
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)


def install(target: Path, points: dict[str, str], package: str = "trouble", source: str = TROUBLE) -> None:
    """Write a package of one module and what tells of it: all that an installation comes to."""
    info = target / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[wireroom.enrichers]\n{lines}")
    (target / f"{package}.py").write_text(source)
