"""The doctor: looks at everything the ledger holds, says what is not sound, and mends what can be mended.

It may run beside everything else: what it says of a unit, it saw in one moment, and it mends only what still is so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wireroom.adapters.heartbeat import alive
from wireroom.adapters.ids import born_ms, now_ms
from wireroom.adapters.steps import Command, Condition, Step
from wireroom.records import ENRICHER_NAME, OPEN_STATES, Stage, State
from wireroom.soundness import STATES, Facts, Fault, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

_CHUNK = 500
_OVERDUE_MS = 60_000
"""How long after its time open work may lie before it counts as forgotten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        code: one of `Fault`, or ``wrong_type``, ``evicting``, ``overdue``, ``lost_unit``, ``url_blocked``,
            ``revision_missing``, ``no_worker``.
        subject: the unit, key, URL, document or queue.
        detail: one sentence for a person.
        repaired: it was mended.
    """

    code: str
    subject: str
    detail: str
    repaired: bool


def examine(world: World, *, repair: bool) -> list[Finding]:
    """Look at everything, and mend what can be mended if ``repair`` says so.

    Raises:
        redis.exceptions.RedisError: the server is gone.
    """
    doctor = _Doctor(world, repair=repair)
    findings = list(doctor.store())
    if any(finding.code == "wrong_type" for finding in findings):
        return findings  # what is in them cannot be read
    for look in (doctor.units, doctor.batches, doctor.urls, doctor.overdue, doctor.documents, doctor.queues):
        findings += look()
    return findings


class _Doctor:
    def __init__(self, world: World, *, repair: bool) -> None:
        self.world = world
        self.ledger = world.ledger
        self.keys = world.keys
        self.redis: Any = world.redis
        self.repair = repair
        self.stages: set[str] = set()
        """Every stage that a task names: also of enrichers that are switched off here."""

    # --- the store ---

    def store(self) -> Iterator[Finding]:
        """Types of keys, and whether the server keeps what it is given."""
        for key, found, kind in self.ledger.mistyped():
            yield Finding("wrong_type", key, f"is a {found}, not a {kind}", repaired=False)
        policy = self.redis.info("memory").get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            yield Finding("evicting", "maxmemory-policy", f"is {policy}: keys are dropped", repaired=False)

    # --- units ---

    def units(self) -> Iterator[Finding]:
        """Every unit that anything names."""
        uids = sorted(self._named())
        for start in range(0, len(uids), _CHUNK):
            for facts in self._look(uids[start : start + _CHUNK]):
                yield from self._unit(facts)

    def _unit(self, facts: Facts) -> Iterator[Finding]:
        """One unit's faults. Mending one may mend another, or change what the next rests on: it is looked at anew."""
        told: set[Fault] = set()
        while True:
            known = faults(facts, now_ms(), self.ledger.keep_ms)
            fault, detail = next(((f, d) for f, d in known if f not in told), (None, ""))
            if fault is None:
                return
            told.add(fault)
            done = self.repair and self._mend(facts, fault)
            yield Finding(fault.value, facts.uid, detail, repaired=done)
            if done:
                (facts,) = self._look([facts.uid])

    def _named(self) -> set[str]:
        keys = self.keys
        uids = {_last(key, keys.unit("")) for key in self._scan(keys.unit("*"))}
        for key in (*(keys.state(state) for state in STATES), keys.delayed, *self._queues()):
            uids |= {member.decode() for member, _ in self.redis.zscan_iter(key)}
        for member, _ in self.redis.zscan_iter(keys.tasks):
            stage, _, uid = member.decode().partition(":")
            if uid and ENRICHER_NAME.fullmatch(stage):
                self.stages.add(stage)
                uids.add(uid)
            else:
                uids.add(member.decode())
        return uids

    def _queues(self) -> Iterator[str]:
        yield from (key.decode() for key in self._scan(self.keys.host_queue("*")))

    def _scan(self, pattern: str) -> Iterator[bytes]:
        yield from self.redis.scan_iter(match=pattern, count=1000)

    def _look(self, uids: list[str]) -> list[Facts]:
        stages = sorted(self.stages)
        return [Facts.read(uid, self.ledger.steps.call("look", self.keys.ns, uid, *stages)) for uid in uids]

    def _mend(self, facts: Facts, fault: Fault) -> bool:
        """Mend one fault, if it still is one: its state and stages are as they were seen."""
        unit = self.keys.unit(facts.uid)
        conditions = [Condition(unit, "state", facts.state.value if facts.state else "")]
        for stage, held in facts.stages.items():
            conditions += [
                Condition(unit, f"{stage}.status", held.status),
                Condition(unit, f"{stage}.token", held.token),
            ]
        commands = list(self._remedy(facts, fault))
        return bool(commands) and self.ledger.commit([Step(conditions, commands)])[0].done

    def _remedy(self, facts: Facts, fault: Fault) -> Iterator[Command]:
        """The commands that mend a fault."""
        keys, uid, now = self.keys, facts.uid, now_ms()
        if fault is Fault.NO_RECORD:
            yield from (("ZREM", keys.state(state), uid) for state in facts.sets)
            yield from (("ZREM", keys.tasks, f"{stage}:{uid}") for stage in facts.stages)
            yield from (("ZREM", keys.delayed, uid), ("ZREM", keys.tasks, uid))
        elif fault is Fault.WRONG_SET and facts.state:
            yield ("ZADD", keys.state(facts.state), "NX", now, uid)
            yield from (("ZREM", keys.state(state), uid) for state in facts.sets if state is not facts.state)
        elif fault is Fault.NOT_IN_FRONTIER:
            yield from self._to_frontier(facts, now)
        elif fault is Fault.NO_STAGE:
            yield from self._reopen(facts, now)
        elif fault is Fault.KEPT_FOR_EVER:
            yield ("PEXPIRE", keys.unit(uid), self.ledger.keep_ms)
        elif fault is Fault.URL_NOT_HELD and not facts.open:
            yield ("HSETNX", keys.url(facts.key), "open", uid)
        else:
            yield from self._tidy(facts, fault, now)

    def _tidy(self, facts: Facts, fault: Fault, now: int) -> Iterator[Command]:
        keys, uid = self.keys, facts.uid
        if fault is Fault.NO_TASK:
            yield from (("ZADD", keys.tasks, "NX", now, f"{stage}:{uid}") for stage in facts.opened)
        elif fault is Fault.STALE_TASK:
            idle = [stage for stage, held in facts.stages.items() if not held.status]
            yield from (("ZREM", keys.tasks, f"{stage}:{uid}") for stage in idle)
        elif fault is Fault.OVER_BUT_QUEUED:
            for stage in facts.opened:
                yield from self.ledger.closed(uid, stage)
            yield from (("ZREM", keys.delayed, uid), ("ZREM", keys.host_queue(facts.host), uid))

    def _to_frontier(self, facts: Facts, now: int) -> Iterator[Command]:
        yield ("ZADD", self.keys.host_queue(facts.host), "NX", facts.order or now, facts.uid)
        yield ("ZADD", self.keys.hosts, "NX", 0, facts.host)

    def _reopen(self, facts: Facts, now: int) -> Iterator[Command]:
        """Give an open unit something that will be done with it. The sweeper enqueues what is queued without a job."""
        uid, unit = facts.uid, self.keys.unit(facts.uid)
        if facts.state is State.FETCHING:
            yield from self.ledger.moved(uid, State.FETCHING, State.WAITING)
            yield from self._to_frontier(facts, now)
        elif facts.state is State.NORMALIZING:
            yield from self.ledger.opened(uid, Stage.NORMALIZE, "", patience_ms=0)
        elif opened := facts.enriching:
            yield ("HSET", unit, "missing", len(opened))
        else:
            yield from self.ledger.opened(uid, Stage.PUBLISH, "", patience_ms=0)

    # --- what names units ---

    def batches(self) -> Iterator[Finding]:
        """Units that a batch names while their records are gone before their time, and were not let go to make room."""
        let_go = int(self.redis.hget(self.keys.relieved, "until") or 0)
        for key in self._scan(self.keys.batch_units("*")):
            if self.redis.pttl(key) < self.ledger.keep_ms / 2:
                continue
            uids = [uid.decode() for uid in self.redis.smembers(key)]
            for uid, (state,) in zip(uids, self.ledger.units(uids, "state"), strict=True):
                if state is None and born_ms(uid) > let_go:
                    batch = key.decode().removesuffix(":units").rpartition(":")[2]
                    yield Finding(
                        "lost_unit", uid, f"batch {batch} took it in; its record is gone", repaired=False
                    )

    def urls(self) -> Iterator[Finding]:
        """URLs that name an open unit which is none."""
        keys = [member.decode() for member, _ in self.redis.zscan_iter(self.keys.urls)]
        open_states = {state.value for state in OPEN_STATES}
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            with self.redis.pipeline(transaction=False) as pipe:
                for key in chunk:
                    pipe.hget(self.keys.url(key), "open")
                held = [(k, uid.decode()) for k, uid in zip(chunk, pipe.execute(), strict=True) if uid]
            for (key, uid), (state,) in zip(
                held, self.ledger.units([u for _, u in held], "state"), strict=True
            ):
                if state not in open_states:
                    yield self._free(key, uid, state)

    def _free(self, key: str, uid: str, state: str | None) -> Finding:
        finding = Finding("url_blocked", key, f"held by {uid}, which is {state or 'gone'}", repaired=False)
        if not self.repair:
            return finding
        conditions = [Condition(self.keys.unit(uid), "state", state or "")]
        freed: Command = ("HDELIF", self.keys.url(key), "open", uid, "open")
        return replace(finding, repaired=self.ledger.commit([Step(conditions, [freed])])[0].done)

    def overdue(self) -> Iterator[Finding]:
        """Open work that a sweeper should have taken back long ago."""
        before = now_ms() - max(_OVERDUE_MS, 2 * self.ledger.lease_ms)
        forgotten = self.redis.zrangebyscore(self.keys.tasks, "-inf", before)
        if forgotten and self.repair:
            self.world.sweeper.sweep(len(forgotten))
        left = set(self.redis.zrangebyscore(self.keys.tasks, "-inf", before))
        for task in forgotten:
            detail = "nobody took it back: does wireroom schedule run?"
            yield Finding("overdue", task.decode(), detail, repaired=task not in left)

    # --- documents and queues ---

    def documents(self) -> Iterator[Finding]:
        """Documents whose newest revision cannot be read."""
        dids = [member.decode() for member, _ in self.redis.zscan_iter(self.keys.documents)]
        for did in dids:
            head = self.world.store.head(did)
            if head is not None and not self.redis.exists(self.keys.revision(did, head.revision)):
                yield Finding("revision_missing", did, f"revision {head.revision} is gone", repaired=False)

    def queues(self) -> Iterator[Finding]:
        """Queues that nobody serves."""
        for stage in self.world.jobs.stages:
            waiting = self.world.jobs.length(stage)
            if waiting and not alive(self.world.client, self.keys, f"work-{stage}"):
                detail = f"{waiting} jobs wait and no worker lives: wireroom work {stage}"
                yield Finding("no_worker", str(stage), detail, repaired=False)


def _last(key: bytes, prefix: str) -> str:
    return key.decode().removeprefix(prefix)
