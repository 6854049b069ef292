"""Sources as they are told to people and programs: where each stands, when it was asked, what it named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wireroom.errors import REFUSALS
from wireroom.events import timestamp
from wireroom.sources import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys


def listed(redis_: Client, keys: Keys) -> list[dict[str, Any]]:
    """Every source as it stands, by name."""
    with redis_.pipeline(transaction=False) as pipe:
        pipe.zrange(keys.sources, 0, -1, withscores=True)
        (due,) = pipe.execute()
        for sid, _ in due:
            pipe.hgetall(keys.source(sid.decode()))
        rows = pipe.execute()
    found = []
    for (sid, moment), row in zip(due, rows, strict=True):
        record = {name.decode(): value.decode() for name, value in row.items()}
        if "url" in record:
            found.append(_told(sid.decode(), moment, record))
    return sorted(found, key=lambda one: str(one["name"]))


def one(redis_: Client, keys: Keys, sid: str) -> dict[str, Any] | None:
    """One source; None where there is none of that id."""
    return next((found for found in listed(redis_, keys) if found["id"] == sid), None)


def _told(sid: str, due: float, record: Mapping[str, str]) -> dict[str, Any]:
    def number(name: str) -> int | None:
        return int(record[name]) if name in record else None

    def moment(name: str) -> str | None:
        return _moment(int(record[name])) if name in record else None

    return {
        "id": sid,
        "name": record["name"],
        "url": record["url"],
        "state": _standing(record).value,
        "interval": float(record["interval"]),
        "priority": int(record["priority"]),
        "asked": moment("asked"),
        "answered": moment("answered"),
        "next": None if record.get("asking") else _moment(due),
        "waits": record.get("waits"),
        "status": number("status"),
        "reason": record.get("reason"),
        "detail": record.get("detail"),
        "failures": int(record.get("failures", 0)),
        "failing_since": moment("since"),
        "format": record.get("format"),
        "title": record.get("title") or None,
        "final_url": record.get("final_url"),
        "items": number("items"),
        "skipped": number("skipped"),
        "cut": record.get("cut") == "1",
        "new": number("new"),
        "again": number("again"),
        "new_total": int(record.get("new_total", 0)),
        "again_total": int(record.get("again_total", 0)),
        "looks": int(record.get("looks", 0)),
    }


def _standing(record: Mapping[str, str]) -> Standing:
    if record.get("asking"):
        return Standing.ASKING
    if record.get("reason"):
        refused = record["reason"] in {reason.value for reason in REFUSALS}
        return Standing.REFUSED if refused else Standing.FAILING
    return Standing.FINE if "answered" in record else Standing.NEW


def _moment(milliseconds: float) -> str:
    return timestamp(datetime.fromtimestamp(milliseconds / 1000, UTC))
