"""The content gate over invented pages: what is no article is told why, and no article is taken for one of those."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gate_pages import LONG, NEGATIVES, POSITIVES, RELATED, WIRE, Sample, article, news
from lxml.html import document_fromstring
from soundness import check_sound
from workshop import enrich, lease, make_world, normalize, response, take_in

from wireroom import gate
from wireroom.errors import REFUSALS, Reason, WorkError
from wireroom.events import Stream
from wireroom.extract import Article, Page, extract
from wireroom.markup import read_markup
from wireroom.records import State
from wireroom.robotsmeta import Policy, directives
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

FETCHED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DOCS = Path(__file__).parent.parent / "docs"


def extracted(sample: Sample, **more: object) -> Article:
    page = Page(
        sample.html.encode(), sample.url, "text/html; charset=utf-8", None, FETCHED, asked=sample.asked
    )
    return extract(page, **more)  # type: ignore[arg-type]


def verdict(sample: Sample, mode: str) -> str | None:
    try:
        extracted(sample, mode=mode)
    except WorkError as error:
        return error.reason.value
    return None


@pytest.mark.parametrize("mode", ["best", "fast"])
def test_every_page_is_told_from_the_others(mode: str):
    told = {name: (sample.reason, verdict(sample, mode)) for name, sample in (POSITIVES | NEGATIVES).items()}
    assert len(POSITIVES) >= 25
    assert len(NEGATIVES) >= 25
    hits = sum(expected is not None and got == expected for expected, got in told.values())
    raised = sum(got is not None for _, got in told.values())
    wrong = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    score = f"precision {hits / max(raised, 1):.3f}, recall {hits / len(POSITIVES):.3f}"
    assert not wrong, f"{score}; (expected, got): {wrong}"


def test_a_long_text_that_is_not_free_is_published_with_a_warning():
    assert extracted(NEGATIVES["not free, but long"]).warnings == ("paywalled",)
    assert extracted(NEGATIVES["not free, short and whole behind a style"]).warnings == ("paywalled",)
    assert extracted(NEGATIVES["free said plainly"]).warnings == ()


@pytest.mark.parametrize("value", [False, "False", "false", " no ", "https://schema.org/False"])
def test_not_free_in_every_spelling(value: object):
    assert (
        verdict(Sample(article("Sea wall", WIRE[0], head=news(isAccessibleForFree=value))), "fast")
        == "paywall_teaser"
    )


@pytest.mark.parametrize("value", [True, "True", None, 0, "", [], {"a": False}])
def test_free_in_every_spelling(value: object):
    assert verdict(Sample(article("Sea wall", *WIRE, head=news(isAccessibleForFree=value))), "fast") is None


@pytest.mark.parametrize(
    "selector",
    ["", "..", "a[href]", "*", ":not(p)", "#" * 500, ".paid, .other", "div > .paid", 7, None, ["x"]],
)
def test_no_selector_and_no_part_raises(selector: object):
    head = news(
        isAccessibleForFree=False,
        hasPart=[{"isAccessibleForFree": False, "cssSelector": selector}, 3, None],
        wordCount="many",
    )
    assert verdict(Sample(article("Sea wall", WIRE[0], head=head)), "fast") == "paywall_teaser"


def test_a_text_is_far_shorter_only_when_it_was_long_and_is_a_third():
    assert gate.shrunk(3_000, 900)
    assert gate.shrunk(600, 199)
    assert not gate.shrunk(3_000, 1_000)
    assert not gate.shrunk(599, 1)
    assert not gate.shrunk(0, 0)
    assert not gate.shrunk(900, 4_000)
    assert gate.shrunk(3_000, 2_300, partial=True)
    assert not gate.shrunk(3_000, 2_500, partial=True)


def test_the_phrases_are_sound():
    seen: set[tuple[str, str]] = set()
    for kind, cell in rows("gate", 2):
        for phrase in cell.split("|"):
            assert phrase == phrase.casefold().strip(), phrase
            assert len(phrase) > 1, (kind, phrase)
            assert "\u2019" not in phrase, phrase
            assert len(phrase) > 5 or not phrase.isascii() or kind.endswith(("_title", "_button", "_word")), (
                phrase
            )
            seen.add((kind, phrase))
    assert {kind for kind, _ in seen} == {
        *("missing_title", "missing_body", "challenge_title", "challenge_body"),
        *("consent_body", "consent_button", "consent_word", "paywall_body"),
    }


def test_it_costs_little():
    """2 ms a page on a quiet machine; ten times that is far more than other work beside the tests explains."""
    many = "".join(
        f"<div><a href=/{n}>Ferry number {n} leaves the southern quay</a><p>A teaser of a few words</p></div>"
        for n in range(150)
    )
    for html in (article("Sea wall", *WIRE, extra=many), article("Sea wall", *LONG, extra=RELATED), many):
        tree = document_fromstring(f"<html><body>{html}</body></html>" if html is many else html)
        markup = read_markup(tree, "https://www.example.org/a")
        told = gate.Told("https://www.example.org/a", (), "Sea wall", WIRE)
        spent = []
        for _ in range(5):
            start = time.process_time()
            gate.judge(tree, markup, told)
            spent.append(time.process_time() - start)
        assert min(spent) < 0.02


# --- robots meta and X-Robots-Tag ---


@pytest.mark.parametrize(
    ("header", "metas", "expected"),
    [
        (None, (), ()),
        ("noindex", (), ("noindex",)),
        ("NoIndex, nofollow ,NOARCHIVE", (), ("noarchive", "noindex")),
        ("none", (), ("noindex",)),
        ("all", (), ()),
        ("nocache", (), ("noarchive",)),
        ("max-snippet:0", (), ("nosnippet",)),
        ("max-snippet: 50, max-image-preview:large", (), ()),
        ("wireroom: noarchive", (), ("noarchive",)),
        ("Wireroom:noarchive,nosnippet", (), ("noarchive", "nosnippet")),
        ("otherbot: noindex, nofollow", (), ()),
        ("otherbot: noindex, wireroom: nosnippet", (), ("nosnippet",)),
        ("noarchive, otherbot: noindex", (), ("noarchive",)),
        ("*: noindex", (), ("noindex",)),
        ("otherbot: noindex\nnoarchive", (), ("noarchive",)),
        ("otherbot: noindex, nofollow\nnosnippet\nwireroom: noarchive", (), ("noarchive", "nosnippet")),
        ("noarchive\notherbot: noindex", (), ("noarchive",)),
        ("unavailable_after: 25 Jun 2026 15:00:00 GMT", (), ("unavailable_after",)),
        (
            "unavailable_after: Thursday, 25-Jun-26 15:00:00 GMT, noindex",
            (),
            ("noindex", "unavailable_after"),
        ),
        ("otherbot: unavailable_after: 2026-06-25", (), ()),
        ("unavailable_after: some day", (), ()),
        (None, (("robots", "noindex,follow"),), ("noindex",)),
        (None, (("robots", "noarchive nosnippet"),), ("noarchive", "nosnippet")),
        (None, (("wireroom", "noarchive"), ("otherbot", "noindex")), ("noarchive",)),
        ("nosnippet", (("robots", "noindex"),), ("noindex", "nosnippet")),
        (None, (("robots", "unavailable_after: 2026-06-25T15:00:00+02:00"),), ("unavailable_after",)),
        ("\x00:::, ,,:noindex,", (), ()),
    ],
)
def test_directives(header: str | None, metas: tuple[tuple[str, str], ...], expected: tuple[str, ...]):
    found = directives(header, metas, "wireroom")
    assert tuple(sorted(found.names)) == expected
    assert found.warnings == tuple(f"robots_{name}" for name in expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25 Jun 2010 15:00:00 PST", datetime(2010, 6, 25, 23, tzinfo=UTC)),
        ("Friday, 25-Jun-10 15:00:00 GMT", datetime(2010, 6, 25, 15, tzinfo=UTC)),
        ("Fri, 25 Jun 2010 15:00:00 GMT", datetime(2010, 6, 25, 15, tzinfo=UTC)),
        ("2010-06-25", datetime(2010, 6, 25, tzinfo=UTC)),
        ("2010-06-25T15:00:00+02:00", datetime(2010, 6, 25, 13, tzinfo=UTC)),
    ],
)
def test_unavailable_after_in_every_form(text: str, expected: datetime):
    found = directives(f"unavailable_after: {text}, noarchive", (), "wireroom")
    assert found.until == expected
    assert found.refused(("unavailable_after",), datetime(2010, 6, 25, 12, tzinfo=UTC)) == (
        "unavailable_after" if expected.hour < 12 else None
    )
    assert found.refused((), FETCHED) is None
    assert found.refused(("noindex",), FETCHED) is None


def asked(
    html: str, header: str | None, *refuse: str, kind: str = "text/html; charset=utf-8"
) -> tuple[str, ...] | str:
    page = Page(
        html.encode(),
        "https://www.example.org/a",
        kind,
        None,
        FETCHED,
        x_robots_tag=header,
        robots=Policy("wireroom", refuse),
    )
    try:
        return extract(page, mode="fast").warnings
    except WorkError as error:
        return error.reason.value


def test_directives_are_recorded_in_the_document_and_refuse_only_when_told_to():
    html = article("Sea wall", *LONG, head="<meta name=robots content='noarchive, max-image-preview:large'>")
    assert asked(html, "nosnippet") == ("robots_noarchive", "robots_nosnippet")
    assert asked(html, "nosnippet", "noindex") == ("robots_noarchive", "robots_nosnippet")
    assert asked(html, "nosnippet", "noindex", "noarchive") == "robots_meta"
    assert asked(html, "otherbot: noindex", "noindex") == ("robots_noarchive",)
    assert asked("The wall rises.\n", "noindex", kind="text/plain") == ("plain_text", "robots_noindex")
    assert asked("The wall rises.\n", "noindex", "noindex", kind="text/plain") == "robots_meta"


def test_what_is_no_article_is_no_refusal():
    """Interstitials and error pages say noindex too: the reason is then what they are."""
    assert asked(POSITIVES["cloudflare"].html, "noindex", "noindex") == "bot_challenge"


# --- the list of codes ---


def codes_under(heading: str) -> set[str]:
    section = (
        (DOCS / "reasons.md")
        .read_text(encoding="utf-8")
        .partition(f"\n## {heading}")[2]
        .partition("\n## ")[0]
    )
    found = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert len(found) == len(set(found)), "a code is listed twice"
    return set(found)


def test_the_documented_codes_are_the_programs():
    assert codes_under("Refused") == {reason.value for reason in REFUSALS}
    assert codes_under("Failed") == {reason.value for reason in set(Reason) - REFUSALS}
    assert codes_under("Nothing new").isdisjoint({reason.value for reason in Reason})
    assert {
        "paywalled",
        *(f"robots_{n}" for n in ("noindex", "noarchive", "nosnippet", "unavailable_after")),
    } < codes_under("Warnings")


# --- what becomes of it ---


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url, robots_meta=("noarchive",))
    yield made
    made.redis.close()


def crawled(world: World, html: str, **told: object) -> dict[str, str]:
    """One crawl of the same address, worked to its end; its unit."""
    number = len(world.redis.keys(world.keys.unit("*")))
    uid = take_in(world, urls=["https://larnevale.example/news/ferry-aground-48213"], batch=f"b{number}")[0]
    (crawl,) = lease(world)
    world.frontier.fetched([(crawl, response(crawl, **told), html.encode())])
    normalize(world, uid)
    if world.ledger.unit(uid)["state"] == State.ENRICHING:
        enrich(world, uid)
    check_sound(world)
    return world.ledger.unit(uid)


def entries(world: World, stream: Stream) -> list[dict[str, str]]:
    rows_ = world.redis.xrange(world.keys.stream(stream))
    return [{k.decode(): v.decode() for k, v in row.items()} for _, row in rows_]


def test_no_article_replaces_the_last_good_revision(world: World):
    assert crawled(world, article("Sea wall rises", *LONG))["state"] == State.PUBLISHED
    document = entries(world, Stream.DOCUMENTS)[0]["subject"]
    for html, reason in (
        (POSITIVES["cloudflare"].html, Reason.BOT_CHALLENGE),
        (POSITIVES["english 404"].html, Reason.SOFT_404),
        (POSITIVES["german pur wall"].html, Reason.CONSENT_WALL),
        (POSITIVES["teaser"].html, Reason.PAYWALL_TEASER),
        (POSITIVES["section with teasers"].html, Reason.INDEX_PAGE),
        (article("Sea wall rises", *WIRE), Reason.TEXT_SHRUNK),
        (article("Sea wall rises", *LONG[:5], head=news(isAccessibleForFree=False)), Reason.TEXT_SHRUNK),
    ):
        unit = crawled(world, html)
        assert (unit["state"], unit["reason"]) == (State.FAILED, reason)
        assert entries(world, Stream.FETCHES)[-1]["type"] == "fetch.failed"
        assert f'"reason":"{reason}"' in entries(world, Stream.DEAD)[-1]["data"]
    assert len(entries(world, Stream.DOCUMENTS)) == 1
    head = world.store.head(document)
    assert head is not None
    assert (head.revision, head.length) == (1, len("\n".join(LONG)))
    assert crawled(world, article("Sea wall rises", *LONG[:-1]))["state"] == State.PUBLISHED


def test_a_page_that_says_no_is_refused_without_a_letter(world: World):
    unit = crawled(
        world, article("Sea wall rises", *LONG), x_robots_tag="otherbot: none, wireroom: noarchive"
    )
    assert (unit["state"], unit["reason"]) == (State.REFUSED, Reason.ROBOTS_META)
    (event,) = entries(world, Stream.FETCHES)
    assert event["type"] == "fetch.refused"
    assert '"reason":"robots_meta"' in event["data"]
    assert entries(world, Stream.DEAD) == entries(world, Stream.DOCUMENTS) == []
    crawled(world, article("Sea wall rises", *LONG), x_robots_tag="nosnippet")
    assert '"warnings":["robots_nosnippet"]' in entries(world, Stream.DOCUMENTS)[0]["data"]


def test_what_a_link_header_declares_is_where_the_document_stands(world: World):
    own = "https://larnevale.example/ferry-aground-48213"
    crawled(world, article("Sea wall rises", *LONG), canonical=("https://evil.example/48213", own))
    assert f'"canonical_url":"{own}"' in entries(world, Stream.DOCUMENTS)[0]["data"]
