"""A value held against a JSON Schema: the part of the language that our contracts are written in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_SAID = {"title", "description", "default", "contentMediaType", "contentSchema"}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "#") -> Iterator[str]:
    """What is wrong with a value.

    Raises:
        KeyError: the schema uses a word that this file does not know.
    """
    for word, wanted in schema.items():
        if word not in _SAID:
            yield from _WORDS[word](value, wanted, root, at)


def _type(value: Any, wanted: Any, _: Any, at: str) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    fits = any(
        isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in names
    )
    if not fits:
        yield f"{at}: {value!r:.80} is no {' or '.join(names)}"


def _ref(value: Any, wanted: str, root: Any, at: str) -> Iterator[str]:
    found = root
    for part in wanted.removeprefix("#/").split("/"):
        found = found[part]
    yield from faults(value, found, root, at)


def _any_of(value: Any, wanted: Any, root: Any, at: str) -> Iterator[str]:
    tried = [list(faults(value, schema, root, at)) for schema in wanted]
    if all(tried):
        yield f"{at}: fits none of {tried!r:.400}"


def _properties(value: Any, wanted: Any, root: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in wanted.keys() & value.keys():
            yield from faults(value[name], wanted[name], root, f"{at}/{name}")


def _required(value: Any, wanted: Any, _: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{at}: {name} is missing" for name in wanted if name not in value)


def _additional(value: Any, wanted: Any, root: Any, at: str) -> Iterator[str]:
    # Only where no properties stand beside it: so do our contracts use it.
    if isinstance(value, dict) and isinstance(wanted, dict):
        for name, inner in value.items():
            yield from faults(inner, wanted, root, f"{at}/{name}")


def _items(value: Any, wanted: Any, root: Any, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from faults(inner, wanted, root, f"{at}/{number}")


def _among(value: Any, wanted: Any, _: Any, at: str) -> Iterator[str]:
    if value not in wanted:
        yield f"{at}: {value!r:.80} is none of {wanted}"


def _const(value: Any, wanted: Any, _: Any, at: str) -> Iterator[str]:
    if value != wanted:
        yield f"{at}: {value!r:.80} is not {wanted!r}"


def _pattern(value: Any, wanted: str, _: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield f"{at}: {value!r:.80} is not like {wanted}"


def _minimum(value: Any, wanted: float, _: Any, at: str) -> Iterator[str]:
    if isinstance(value, (int, float)) and value < wanted:
        yield f"{at}: {value} is below {wanted}"


def _least(value: Any, wanted: int, _: Any, at: str) -> Iterator[str]:
    if isinstance(value, (str, list)) and len(value) < wanted:
        yield f"{at}: is shorter than {wanted}"


def _most(value: Any, wanted: int, _: Any, at: str) -> Iterator[str]:
    if isinstance(value, (str, list)) and len(value) > wanted:
        yield f"{at}: is longer than {wanted}"


def _format(value: Any, wanted: str, _: Any, at: str) -> Iterator[str]:
    assert wanted == "date-time", wanted
    if isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None:
        yield f"{at}: {value!r} has no zone"


_WORDS: dict[str, Any] = {
    "type": _type,
    "$ref": _ref,
    "anyOf": _any_of,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _among,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "minLength": _least,
    "minItems": _least,
    "maxLength": _most,
    "maxItems": _most,
    "format": _format,
}
