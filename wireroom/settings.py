"""Every knob: its type, its default and one sentence.

Defaults stand in this one frozen type. Over them goes ``config/wireroom.toml`` (or ``--config``), over that the
environment: ``WIREROOM_`` and the name in capitals, with ``_FILE`` behind it for a secret that stands in a file.
Reading files and the environment is the loader's work (`wireroom.adapters.configuration`); this file only says what
there is and what is right.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    SecretStr,
    ValidationInfo,
)

from wireroom.certificates import exemptions
from wireroom.networks import parse_networks
from wireroom.records import ENRICHER_NAME, NO_ENRICHERS
from wireroom.sources import Source, alone, interval, source
from wireroom.useragent import header_text

RobotsDirective = Literal["noindex", "noarchive", "nosnippet", "unavailable_after"]
ENRICHERS = ("dates", "sameness", "entities")
"""The built-in enrichers in the order they are listed in a document."""
RESERVED = frozenset({*NO_ENRICHERS, "intake"})
"""Names of stages in dead letters that no enricher can have."""


def _no_blank(value: str) -> str:
    if any(c.isspace() for c in value):
        msg = "must not hold blanks"
        raise ValueError(msg)
    return value


def _enricher(value: str) -> str:
    if value in RESERVED or not ENRICHER_NAME.fullmatch(value):
        msg = "an enricher's name begins with a-z, then has a-z, 0-9, _ or -, at most 32 in all, and is no other stage's"
        raise ValueError(msg)
    return value


def _tls_exceptions(value: tuple[str, ...]) -> tuple[str, ...]:
    exemptions(value)
    return value


def _model(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}=(?:[A-Za-z_][\w.]*)?", value):
        msg = "must be like de=de_core_news_sm: a language and the package of its model, or nothing behind ="
        raise ValueError(msg)
    return value


def _redis_url(value: str) -> str:
    # redis-py takes database 0 for a path that is no number, and its words may repeat a piece of the password.
    msg = "must be like redis://:password@host:6379/0, rediss://… or unix:///path/to/socket"
    try:
        parts = urlsplit(value)
        rest = parts.path.strip("/")
        right = bool(rest) if parts.scheme == "unix" else parts.port != 0 and (not rest or rest.isdecimal())
    except ValueError:
        right = False
    if not right or parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError(msg)
    return value


def _base_url(value: str) -> str:
    msg = "must be like https://web.archive.org: http or https, a host, no question mark"
    try:
        parts = urlsplit(value)
        right = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        right = False
    if not right or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise ValueError(msg)
    return value.rstrip("/")


def _alone(value: tuple[Source, ...], info: ValidationInfo) -> tuple[Source, ...]:
    alone(value, info.data.get("sources_feeds", ()))
    return value


Sources = Annotated[
    tuple[Annotated[InstanceOf[Source], BeforeValidator(source), PlainSerializer(str)], ...],
    AfterValidator(_alone),
]


class Settings(BaseModel):
    """What is in force. Frozen: a process reads it once at its start."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    # the store
    redis_url: Annotated[
        str, AfterValidator(_redis_url), Field(description="Where Redis is: redis://, rediss:// or unix://.")
    ] = "redis://127.0.0.1:6379/0"
    redis_password: Annotated[SecretStr | None, Field(description="Password, if the URL holds none.")] = None
    namespace: Annotated[
        str, AfterValidator(_no_blank), Field(min_length=1, max_length=64, description="Begins every key.")
    ] = "wireroom:"
    memory_budget: Annotated[
        int,
        Field(
            ge=0, description="Bytes of Redis memory at which intake pauses; 0 asks the server's maxmemory."
        ),
    ] = 0

    embedded_fsync: Annotated[
        Literal["everysec", "always"],
        Field(description="When the embedded server writes to the disk: each second, or before each answer."),
    ] = "everysec"
    accept_to_disk: Annotated[
        bool,
        Field(
            description="Answer only when Redis has what was accepted on its disk: up to a second with everysec."
        ),
    ] = False

    # HTTP
    host: Annotated[str, Field(description="Address the API listens on.")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port the API listens on; 0 takes a free one.")
    ] = 8600
    api_token: Annotated[
        SecretStr | None, Field(description="Bearer token; without one only loopback is served.")
    ] = None
    max_body: Annotated[int, Field(ge=1024, description="Largest HTTP body taken, in bytes.")] = (
        64 * 1024 * 1024
    )

    # documents
    max_document: Annotated[int, Field(ge=1, description="Largest document file taken, in bytes.")] = (
        5 * 1024 * 1024
    )
    max_urls: Annotated[int, Field(ge=1, description="Most source URLs one document may list.")] = 1000

    # fetching
    fetch_delay: Annotated[float, Field(ge=0, description="Seconds between two requests to one host.")] = 2.0
    fetch_max_delay: Annotated[
        float, Field(ge=0, description="Most seconds between two requests that a robots.txt may ask for.")
    ] = 300.0
    fetch_pages_per_day: Annotated[
        int, Field(ge=0, description="Most pages asked of one host in a day (UTC); 0: no such bound.")
    ] = 0
    fetch_patience: Annotated[
        float,
        Field(ge=0, description="Seconds a host may be down before its waiting URLs are given up."),
    ] = 300.0
    fetch_concurrency: Annotated[
        int, Field(ge=1, le=1000, description="Hosts fetched from at a time; slow ones make room for others.")
    ] = 32
    fetch_timeout: Annotated[float, Field(gt=0, description="Seconds one page may take in all.")] = 30.0
    fetch_max_bytes: Annotated[int, Field(ge=1024, description="Largest page taken, in decoded bytes.")] = (
        8 * 1024 * 1024
    )
    fetch_max_redirects: Annotated[int, Field(ge=0, le=20, description="Most redirects followed.")] = 5
    fetch_tries: Annotated[
        int, Field(ge=1, le=20, description="Times a page is tried before it is given up.")
    ] = 3
    fetch_retry_delay: Annotated[
        float, Field(gt=0, description="Seconds before the second try; doubled after.")
    ] = 15.0
    fetch_fresh: Annotated[
        float, Field(ge=0, description="Seconds for which a fetched URL is not fetched again unasked.")
    ] = 3600.0
    fetch_contact: Annotated[
        str,
        AfterValidator(header_text),
        Field(description="Where a site's owner can reach you: an address or a URL, sent with each request."),
    ] = ""
    fetch_user_agent: Annotated[
        str,
        AfterValidator(header_text),
        Field(min_length=1, description="First part of the user agent."),
    ] = "Wireroom"
    fetch_allow_private: Annotated[
        str,
        AfterValidator(lambda v: ",".join(str(n) for n in parse_networks(v))),
        Field(description="Networks allowed though not public, on every port: 127.0.0.0/8,10.1.0.0/16."),
    ] = ""
    fetch_ports: Annotated[tuple[int, ...], Field(description="Ports fetched from.")] = (80, 443)
    fetch_tls_exceptions: Annotated[
        tuple[str, ...],
        AfterValidator(_tls_exceptions),
        Field(
            description="Hosts whose invalid certificate is taken: paper.example=expired, or name, any, sha256:…"
        ),
    ] = ()

    # looking again
    recrawl: Annotated[
        bool,
        Field(description="Look again at pages by themselves: often at young ones and those that change."),
    ] = False
    recrawl_min: Annotated[
        float, Field(gt=0, description="Fewest seconds between two such looks at a page.")
    ] = 3600.0
    recrawl_max: Annotated[
        float, Field(gt=0, description="Most seconds between two such looks; never less than the fewest.")
    ] = 30 * 86400.0
    recrawl_stop: Annotated[
        float,
        Field(gt=0, description="Seconds without a change after which a page is no longer looked at."),
    ] = 60 * 86400.0

    robots_meta: Annotated[
        tuple[RobotsDirective, ...],
        Field(
            description="Robots directives that refuse a page: noindex, noarchive, nosnippet, "
            "unavailable_after; the rest is only recorded."
        ),
    ] = ()

    # dead links
    archive: Annotated[
        bool, Field(description="Ask an archive for the last capture of a page that is gone.")
    ] = False
    archive_url: Annotated[
        str,
        AfterValidator(_no_blank),
        AfterValidator(_base_url),
        Field(description="Where the archive is: the Wayback Machine, or one that answers alike."),
    ] = "https://web.archive.org"
    archive_delay: Annotated[
        float, Field(ge=0, description="Seconds between two requests to the archive.")
    ] = 5.0
    archive_timeout: Annotated[
        float, Field(gt=0, description="Seconds one answer of the archive may take; its index is slow.")
    ] = 60.0

    # sources
    sources_feeds: Annotated[
        Sources,
        Field(description="Feeds whose articles are crawled: RSS, Atom or JSON Feed; options behind each."),
    ] = ()
    sources_sitemaps: Annotated[
        Sources, Field(description="Sitemaps whose articles are crawled: news sitemaps, others, or an index.")
    ] = ()
    sources_interval: Annotated[
        float,
        BeforeValidator(interval),
        Field(
            description="Seconds between two looks at a source, or an age such as 15m; a source may ask for more."
        ),
    ] = 900.0

    # work
    enrich: Annotated[
        tuple[Annotated[str, AfterValidator(_enricher)], ...],
        Field(
            description="Which enrichers run: dates, sameness, entities, and installed ones by their names."
        ),
    ] = ENRICHERS
    entity_models: Annotated[
        tuple[Annotated[str, AfterValidator(_model)], ...],
        Field(
            description="spaCy models by language, beside English and French: de=de_core_news_sm; "
            "a language with nothing behind = is tagged by rules."
        ),
    ] = ()
    extraction: Annotated[
        Literal["best", "fast"], Field(description="Text extraction: `best` quality, or `fast` throughput.")
    ] = "best"
    extract_timeout: Annotated[float, Field(gt=0, description="Seconds one page's extraction may take.")] = (
        20.0
    )
    enrich_timeout: Annotated[
        float, Field(gt=0, description="Seconds one document's enrichment may take.")
    ] = 30.0
    work_tries: Annotated[
        int, Field(ge=1, le=20, description="Times a stage is tried before it is given up.")
    ] = 3
    work_processes: Annotated[int, Field(ge=1, le=64, description="Processes per queue in one command.")] = 1
    work_memory: Annotated[
        int,
        Field(ge=256 * 1024 * 1024, description="Most bytes of memory one process may take for its work."),
    ] = 3 * 1024 * 1024 * 1024
    grace: Annotated[float, Field(gt=0, description="Seconds a process has to stop cleanly.")] = 20.0
    batch_size: Annotated[int, Field(ge=1, le=512, description="Most documents in one job.")] = 32
    lease: Annotated[
        float, Field(ge=2, description="Seconds a worker holds what it works on unless it renews.")
    ] = 30.0

    # keeping
    keep_units: Annotated[float, Field(gt=0, description="Seconds the record of ended work is kept.")] = (
        7 * 86400.0
    )
    keep_documents: Annotated[
        float, Field(gt=0, description="Seconds a document's revisions are kept in Redis.")
    ] = 90 * 86400.0
    stream_max: Annotated[
        int, Field(ge=1000, description="Entries kept in each stream, beside what live groups have not read.")
    ] = 100_000
    stream_budget: Annotated[
        int,
        Field(ge=1024 * 1024, description="Bytes of memory each stream may take, read by its groups or not."),
    ] = 128 * 1024 * 1024
    group_idle: Annotated[
        float,
        Field(
            gt=0,
            description="Seconds of silence after which a group holds nothing back; four times it, and it is deleted.",
        ),
    ] = 7 * 86400.0
    segments: Annotated[
        str,
        Field(
            description="Folder for what leaves the streams; empty: none (`wireroom up`: in its data folder)."
        ),
    ] = ""
    segments_max: Annotated[
        int, Field(ge=1024 * 1024, description="Bytes that all segment files may take; the oldest go first.")
    ] = 10 * 1024 * 1024 * 1024
    keep_segments: Annotated[float, Field(gt=0, description="Seconds a segment file is kept.")] = 30 * 86400.0
    window_days: Annotated[int, Field(ge=1, description="Days back that copies are looked for.")] = 14

    # delivery
    out: Annotated[str, Field(description="Folder that published documents are written to; empty: none.")] = (
        ""
    )

    # health
    alive_file: Annotated[
        str,
        Field(description="File touched at every sign of life, for a container's health check; empty: none."),
    ] = ""

    # logs
    log_format: Annotated[Literal["console", "json"], Field(description="How logs are written.")] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="What is logged.")
    ] = "info"
