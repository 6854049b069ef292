"""What `docs/operations.md` promises is proved by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = re.findall(r"(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)", (ROOT / "docs/operations.md").read_text())


def test_promises_name_their_tests():
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_is_there(file: str, name: str):
    assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
