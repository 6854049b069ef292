"""What a route is: the path, the handler, and what the contract says of it.

One list makes the application and its OpenAPI document, so neither can name what the other does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from wireroom.adapters.http.problems import Handler


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request.

    Attributes:
        name: as it is written.
        about: one sentence.
        schema: its JSON Schema.
        place: ``query``, ``path`` or ``header``.
        required: it must be there.
    """

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is a success.

    Attributes:
        about: one sentence.
        model: of its JSON; None where a schema stands, or it is no JSON.
        schema: of its JSON, where there is no model.
        types: media types beside or instead of JSON.
    """

    about: str
    model: type[BaseModel] | None = None
    schema: Mapping[str, Any] | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One call.

    Attributes:
        method: such as ``GET``; HEAD comes with it.
        path: with the names of its parts in braces.
        handler: what answers.
        about: what it does, in one sentence; the first word is a verb.
        tag: the noun it belongs to.
        answers: by status.
        parameters: of the query and of the path.
        body: model of a JSON body.
        other_bodies: further media types of the body, each with its schema.
        problems: codes of `wireroom.adapters.http.problems.CODES` it may answer beside the common ones.
    """

    method: str
    path: str
    handler: Handler
    about: str
    tag: str
    answers: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    other_bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
