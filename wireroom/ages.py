"""Lengths of time as people write them: ``90``, ``"30m"``, ``"24h"``. Pure."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 10 * 366 * 86400.0
"""Most seconds that may be named: ten years."""

_AGE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw]?)")
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def seconds(age: str | float) -> float:
    """Seconds of an age such as ``90``, ``"30m"``, ``"24h"``, ``"7d"`` or ``"2w"``.

    Raises:
        ValueError: it is none.
    """
    found = _AGE.fullmatch(str(age).strip().lower())
    if found is None:
        msg = 'is no age: seconds, or a number with s, m, h, d or w behind it, such as "24h"'
        raise ValueError(msg)
    value = float(found[1]) * _UNITS[found[2]]
    if value > LONGEST:
        msg = "is longer than ten years"
        raise ValueError(msg)
    return value
