"""What is measured, a module each: ``rows()`` gives the lines of the table.

A new module in this folder with such a function is in the table; nothing else names it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        task: what was done.
        set: on what.
        score: how well, as text: what the field's papers print.
        goal: what is asked for, if anything is.
        good: whether the goal is reached; None where there is none.
        speed: how fast, as text.
        failures: what went wrong, a line each; the first few are printed.
    """

    task: str
    set: str
    score: str
    goal: str = ""
    good: bool | None = None
    speed: str = ""
    failures: tuple[str, ...] = ()
