"""The sweeper gives back what is overdue. Any process can be it: each thing it does is a step with conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import structlog

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.endings import DIED
from wireroom.adapters.heartbeat import running
from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.steps import Condition, Step
from wireroom.errors import Reason
from wireroom.failure import Failure
from wireroom.records import NO_ENRICHERS, Lease, Stage, State

if TYPE_CHECKING:
    from wireroom.adapters.endings import Endings
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.publishing import Publisher
    from wireroom.settings import Settings

log = structlog.get_logger()

HELD = ("status", "token", "job")
"""Fields of a stage that change whenever somebody does something with it."""
OFF = f"{Reason.ENRICHER_OFF}: it was switched off while this document waited for it"
FETCHES_LOST = 3
"""Times a crawl may be lost with its fetcher, beyond its tries, before it is given up."""


class Sweeper:
    """Looks at open stages whose time is over."""

    def __init__(self, ledger: Ledger, endings: Endings, publisher: Publisher, settings: Settings) -> None:
        self.ledger = ledger
        self.endings = endings
        self.publisher = publisher
        self.settings = settings
        self._running: dict[str, int] | None = None

    def sweep(self, most: int = 1000) -> int:
        """Take back what is overdue.

        Returns:
            How many stages were looked at.
        """
        overdue = self.ledger.redis.zrangebyscore(self.ledger.keys.tasks, "-inf", now_ms(), start=0, num=most)
        standing: dict[tuple[str, str], bool] = {}
        self._running = None
        for member in overdue:
            try:
                stage, _, uid = member.decode().partition(":")
                self._look(stage, uid, standing)
            except TROUBLE:
                raise
            except Exception:
                # One record that cannot be read must not hide those behind it.
                log.exception("overdue work could not be taken back", task=member)
                due = now_ms() + self.ledger.lease_ms
                self.ledger.redis.zadd(
                    self.ledger.keys.tasks, {member.decode(errors="replace"): due}, xx=True
                )
        return len(overdue)

    def _look(self, stage: str, uid: str, standing: dict[tuple[str, str], bool]) -> None:
        unit = self.ledger.unit(uid)
        status = unit.get(f"{stage}.status")
        if status is None:
            self.ledger.redis.zrem(self.ledger.keys.tasks, f"{stage}:{uid}")
            return
        token, tries = int(unit.get(f"{stage}.token", 0)), int(unit.get(f"{stage}.tries", 0))
        lease = Lease(uid, stage, token, tries)
        if stage == Stage.PUBLISH:
            self._publish(lease, unit)
        elif self._forsaken(stage):
            self._leave_out(lease, unit)
        elif status == "queued":
            self._requeue_lost(lease, unit, standing)
        elif stage == Stage.FETCH:
            self._take_back_crawl(lease, unit)
        else:
            self._take_back(lease, unit)

    def _publish(self, lease: Lease, unit: dict[str, str]) -> None:
        if lease.tries < self.settings.work_tries:
            self.publisher.publish([lease.uid])
            return
        log.warning("given up", unit=lease.uid, stage=lease.stage, tries=lease.tries)
        detail = unit.get("publish.error")
        failure = Failure(Reason.PUBLISH_ERROR, detail, stack=unit.get("publish.stack")) if detail else DIED
        self.ledger.commit([self.endings.given_up(lease, unit, failure)])

    def _forsaken(self, stage: str) -> bool:
        """Whether nobody will ever work on it: an enricher that is switched off, and the last of its workers is gone."""
        if stage in NO_ENRICHERS or stage in self.settings.enrich:
            return False
        if self._running is None:
            self._running = running(self.ledger.redis, self.ledger.keys)
        return f"work-{stage}" not in self._running

    def _leave_out(self, lease: Lease, unit: dict[str, str]) -> None:
        """Publish without an enricher's result, and take its job out of the queue that nobody reads."""
        key = self.ledger.keys.unit(lease.uid)
        held = [
            Condition(key, f"{lease.stage}.{name}", unit.get(f"{lease.stage}.{name}", "")) for name in HELD
        ]
        step = self.ledger.not_enriched(lease, OFF)
        commands = [
            *step.commands,
            *self.ledger.jobs.dropped(lease.stage, unit.get(f"{lease.stage}.job", "")),
        ]
        outcome = self.ledger.commit([replace(step, conditions=held, commands=commands)])[0]
        if outcome.done:
            log.warning("enricher switched off", unit=lease.uid, stage=lease.stage)
        if outcome.zero:
            self.publisher.publish([lease.uid])

    def _requeue_lost(
        self, lease: Lease, unit: dict[str, str], standing: dict[tuple[str, str], bool]
    ) -> None:
        """Work that waits for a job: enqueue another if its job is gone, else look again later."""
        job = unit.get(f"{lease.stage}.job", "")
        if (lease.stage, job) not in standing:
            standing[lease.stage, job] = self.ledger.jobs.queued(lease.stage, job)
        if standing[lease.stage, job]:
            due = now_ms() + self.ledger.lease_ms
            self.ledger.redis.zadd(self.ledger.keys.tasks, {f"{lease.stage}:{lease.uid}": due}, xx=True)
            return
        key = self.ledger.keys.unit(lease.uid)
        conditions = [
            Condition(key, f"{lease.stage}.status", "queued"),
            Condition(key, f"{lease.stage}.job", job),
        ]
        self._requeue(lease, conditions, "its job is gone")

    def _take_back(self, lease: Lease, unit: dict[str, str]) -> None:
        """Work whose worker is gone: try it again alone, or give it up."""
        if lease.tries < self.settings.work_tries:
            self._requeue(lease, self.ledger.held(lease), "its lease ran out")
        elif lease.stage == Stage.NORMALIZE:
            log.warning("given up", unit=lease.uid, stage=lease.stage, tries=lease.tries)
            response = self.ledger.redis.hget(self.ledger.keys.work(lease.uid), "response")
            self.ledger.commit(
                [self.endings.given_up(lease, unit, DIED, orjson.loads(response) if response else None)]
            )
        else:
            log.warning("enricher given up", unit=lease.uid, stage=lease.stage, tries=lease.tries)
            step = self.ledger.not_enriched(lease, f"{DIED.reason}: {DIED.detail}")
            if self.ledger.commit([step])[0].zero:
                self.publisher.publish([lease.uid])

    def _requeue(self, lease: Lease, conditions: list[Condition], why: str) -> None:
        job = new_id()
        commands = self.ledger.opened(lease.uid, lease.stage, job)
        commands += self.ledger.jobs.enqueue(lease.stage, job, [lease.uid])
        if self.ledger.commit([Step(conditions, commands)])[0].done:
            log.warning("taken back", unit=lease.uid, stage=lease.stage, why=why, tries=lease.tries)

    def _take_back_crawl(self, lease: Lease, unit: dict[str, str]) -> None:
        if lease.tries >= self.settings.fetch_tries + FETCHES_LOST:
            self.ledger.commit([self.endings.given_up(lease, unit, DIED)])
            return
        commands = [
            *self.ledger.closed(lease.uid, Stage.FETCH),
            *self.ledger.moved(lease.uid, State.FETCHING, State.WAITING),
            ("ZADD", self.ledger.keys.delayed, now_ms(), lease.uid),
            ("HDELIF", self.ledger.keys.host(unit["host"]), "holder", lease.uid, "holder", "until"),
            ("ZADD", self.ledger.keys.hosts, 0, unit["host"]),
            self.ledger.logged(unit["key"], "again", unit=lease.uid, reason="fetcher lost"),
        ]
        if self.ledger.commit([Step(self.ledger.held(lease), commands)])[0].done:
            log.warning("taken back", unit=lease.uid, stage=lease.stage, url=unit["url"], tries=lease.tries)
