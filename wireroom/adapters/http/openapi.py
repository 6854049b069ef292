"""The contracts as documents: OpenAPI 3.1 from the route table and the models, AsyncAPI 3.0 of the streams."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from wireroom.adapters.http.access import OPEN, WITHOUT_STORE
from wireroom.adapters.http.bodies import ProblemOut
from wireroom.adapters.http.problems import CODES
from wireroom.adapters.http.replies import JSON, PROBLEM
from wireroom.adapters.http.schemas import DeadData, DocumentData, FetchData, StoryData
from wireroom.events import CONTENT_TYPE, SPEC_VERSION, Stream, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel

    from wireroom.adapters.http.routes import Answer, Route
    from wireroom.adapters.keys import Keys

_REF: Final = "#/components/schemas/{model}"
_COMMON: Final = ("internal_error",)
_GUARDED: Final = ("unauthorized", "forbidden")
_ON_POST: Final = (
    "too_large",
    "too_busy",
    "request_timeout",
    "request_in_progress",
    "idempotency_mismatch",
    "store_full",
)
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body give the same answer for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
DATA: Final[dict[Stream, type[BaseModel]]] = {
    Stream.DOCUMENTS: DocumentData,
    Stream.STORIES: StoryData,
    Stream.FETCHES: FetchData,
    Stream.DEAD: DeadData,
}
"""The model of each stream's data."""
_ABOUT: Final = {
    Stream.DOCUMENTS: "A new document, a new revision of one, or the news that its page is gone.",
    Stream.STORIES: "A new story, one that grew or shrank, or one that became part of another.",
    Stream.FETCHES: "The end of each asked-for crawl of a URL, and each look at a source that came to nothing.",
    Stream.DEAD: "Work that was given up, with what another try needs.",
}


def openapi(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    models = {model for route in routes for model in _models(route)} | {ProblemOut}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wireroom",
            "version": version("wireroom"),
            "description": "News documents in, fetched, normalized, dated, compared and tagged; on Redis streams.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(models),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(route: Route) -> Iterable[type[BaseModel]]:
    if route.body is not None:
        yield route.body
    for answer in route.answers.values():
        if answer.model is not None:
            yield answer.model


def _schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    ordered = sorted(models, key=lambda model: model.__name__)
    _, found = models_json_schema([(model, "validation") for model in ordered], ref_template=_REF)
    schemas: dict[str, Any] = found.get("$defs", {})
    return schemas


def _operation(route: Route) -> dict[str, Any]:
    names = [route.method.lower(), *re.findall("[a-z]+", route.path.removeprefix("/v1"))]
    operation: dict[str, Any] = {
        "operationId": "_".join(names),
        "summary": route.about,
        "tags": [route.tag],
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.place,
                "description": parameter.about,
                "required": parameter.required,
                "schema": dict(parameter.schema),
            }
            for parameter in route.parameters
        ],
        "responses": {str(status): _answer(answer) for status, answer in route.answers.items()},
    }
    if route.method == "POST":
        operation["parameters"].append(_KEY)
    if route.body is not None:
        content = {JSON: {"schema": _ref(route.body)}}
        content |= {kind: {"schema": dict(schema)} for kind, schema in route.other_bodies.items()}
        operation["requestBody"] = {"required": True, "content": content}
    if route.path in OPEN:
        operation["security"] = []
    operation["responses"] |= _problems(route)
    return operation


def _answer(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if answer.model is not None:
        content[JSON] = {"schema": _ref(answer.model)}
    elif answer.schema is not None:
        content[JSON] = {"schema": dict(answer.schema)}
    content |= {kind: {"schema": {"type": "string"}} for kind in answer.types}
    return {"description": answer.about, "content": content} if content else {"description": answer.about}


def _problems(route: Route) -> dict[str, Any]:
    codes = [*_COMMON, *(_ON_POST if route.method == "POST" else ()), *route.problems]
    codes += () if route.path in OPEN else _GUARDED
    codes += () if route.path in WITHOUT_STORE else ("store_unavailable",)
    by_status: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(str(CODES[code][0]), []).append(code)
    return {
        status: {
            "description": "; ".join(f"`{code}`: {CODES[code][1]}" for code in found),
            "content": {PROBLEM: {"schema": _ref(ProblemOut)}},
        }
        for status, found in sorted(by_status.items())
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def asyncapi(keys: Keys, source: str) -> dict[str, Any]:
    """The AsyncAPI document of the four streams under a namespace."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wireroom streams",
            "version": version("wireroom"),
            "description": "Redis streams. Entries have plain fields named after CloudEvents 1.0; `data` is JSON.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {stream.value: _channel(stream, keys) for stream in Stream},
        "operations": {
            f"follow_{stream}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{stream}"},
                "summary": f"Wireroom writes to {keys.stream(stream)}; read it with XREADGROUP, or XREAD.",
            }
            for stream in Stream
        },
        "components": {
            "messages": {_name(type_): _message(type_, source) for type_ in Type},
            "schemas": _schemas(DATA.values()),
        },
    }


def _name(type_: Type) -> str:
    return type_.value.replace(".", "_")


def _channel(stream: Stream, keys: Keys) -> dict[str, Any]:
    own = [type_ for type_ in Type if type_.stream is stream]
    return {
        "address": keys.stream(stream),
        "description": _ABOUT[stream],
        "messages": {_name(type_): {"$ref": f"#/components/messages/{_name(type_)}"} for type_ in own},
    }


def _message(type_: Type, source: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "specversion": {"const": SPEC_VERSION},
        "id": {"type": "string", "description": "Equal source and id are the same event."},
        "source": {"const": source},
        "type": {"const": type_.value},
        "subject": {"type": "string", "description": "Id of the document, story or unit of work."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": CONTENT_TYPE},
        "data": {
            "type": "string",
            "contentMediaType": CONTENT_TYPE,
            "contentSchema": _ref(DATA[type_.stream]),
        },
    }
    return {
        "name": type_.value,
        "title": type_.value,
        "contentType": CONTENT_TYPE,
        "payload": {"type": "object", "required": list(fields), "properties": fields},
    }
