"""A mapping that forgets what was set longest ago."""

from __future__ import annotations

from wireroom.memory import Memory


def test_the_oldest_goes_first():
    memory: Memory[str, int] = Memory(2)
    memory["a"], memory["b"] = 1, 2
    memory["a"] = 3
    memory["c"] = 4
    assert dict(memory) == {"a": 3, "c": 4}


def test_heavy_values_take_their_part_of_the_budget():
    memory: Memory[str, str] = Memory(10, len)
    memory["a"], memory["b"] = "12345", "12345"
    memory["a"] = "123456"
    assert dict(memory) == {"a": "123456"}
    memory["c"] = "x" * 11
    assert not memory
    memory["d"] = "1234567890"
    assert dict(memory) == {"d": "1234567890"}
    memory.clear()
    memory["e"] = "1234567890"
    assert dict(memory) == {"e": "1234567890"}
