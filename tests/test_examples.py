"""The sample newsroom, as a stranger meets it: a real process, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import trafilatura
from protego import Protego

from wireroom.document import Document, parse, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    Start = Callable[..., subprocess.Popen[str]]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NEWSROOM = EXAMPLES / "newsroom.py"
DOCUMENTS = sorted((EXAMPLES / "documents").glob("*.txt"))
HERALD, LEDGER, COURIER, MERIDIAN, SILENT = range(18081, 18086)
DEAD = "/2026/04/14/live-bridge-updates.html"
FORBIDDEN = "/members/opinion/we-saw-the-view.html"
MOVED, MOVED_TO = "/n/48213", "/news/atlantic/bridge-memo-2024/"


@dataclass(frozen=True)
class Running:
    """A newsroom on ports of its own."""

    process: subprocess.Popen[str]
    shift: int
    documents: Path

    def get(self, url: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
        """Ask for an address of the documents; redirects are not followed."""
        parts = urlsplit(url)
        assert parts.port is not None
        connection = http.client.HTTPConnection("127.0.0.1", parts.port + self.shift, timeout=10)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def launch(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(NEWSROOM), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_base_port(process: subprocess.Popen[str]) -> int:
    """Wait for the ready line; 0 if the process ended without one."""
    assert process.stdout is not None
    found = re.match(r"newsroom: ready at http://127\.0\.0\.1:(\d+)/ ", process.stdout.readline())
    return int(found[1]) - 1 if found else 0


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("newsroom") / "documents"
    process = launch("--base-port", "0", "--documents", str(folder))
    try:
        base = read_base_port(process)
        assert base
        yield Running(process, base - 18080, folder)
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start newsrooms; whatever still runs when the test ends is killed."""
    started: list[subprocess.Popen[str]] = []

    def start_one(*arguments: str) -> subprocess.Popen[str]:
        started.append(launch(*arguments))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def read_documents() -> dict[str, Document]:
    return {file.name: parse(file.read_bytes().decode()) for file in DOCUMENTS}


def sources() -> list[str]:
    return [url for document in read_documents().values() for url in document.sources]


def article_urls() -> list[str]:
    """Every address that ends at an article, as the redirect leaves it."""
    return [
        url.replace(MOVED, MOVED_TO) for url in sources() if DEAD not in url and urlsplit(url).port != SILENT
    ]


# --- the documents


def test_documents_come_in_all_layouts():
    layouts = Counter(str(document.layout) for document in read_documents().values())

    assert layouts == {"dated": 9, "titled": 3, "plain": 2}


def test_documents_are_what_their_layout_promises():
    documents = read_documents()

    for name, document in documents.items():
        assert document.warnings == (), name
        assert 120 <= len(document.text.split()) <= 400, name
        assert render(document) == (EXAMPLES / "documents" / name).read_bytes().decode(), name
        if document.layout == "titled":
            assert document.title, name
            assert document.url == document.sources[0], name
    dates = {name: document.date for name, document in documents.items() if document.layout != "plain"}
    assert set(dates.values()) == {date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 16), date(2026, 4, 17)}


def test_documents_have_the_quirks_of_real_ones():
    raw = {file.name: file.read_bytes() for file in DOCUMENTS}
    documents = read_documents()

    assert [name for name, data in raw.items() if data.startswith(b"\xef\xbb\xbf")] == ["006_lake_sirens.txt"]
    assert [name for name, data in raw.items() if b"\r\n" in data] == ["004_bridge_memo.txt"]
    assert raw["004_bridge_memo.txt"].count(b"\n") == raw["004_bridge_memo.txt"].count(b"\r\n")
    assert re.match(rb" date 2026-04-15 KATHMANDU \(", raw["007_lake_wire.txt"])
    assert documents["007_lake_wire.txt"].paragraphs[0].startswith("KATHMANDU (Northwire) Sirens")
    assert len(documents["003_bridge_inquiry.txt"].sources) == 3
    # "Sources:" at the head of a block is no footer as long as no address follows.
    assert any(p.startswith("Sources: ") for p in documents["012_fog_jar.txt"].paragraphs)
    without = [name for name, document in documents.items() if not document.sources]
    assert [name[:3] for name in without] == ["001", "007", "010", "013"]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def containment(part: str, whole: str) -> float:
    """The share of one text's runs of five words that are in the other."""
    documents = read_documents()
    inside = shingles(documents[part].text)
    return len(inside & shingles(documents[whole].text)) / len(inside)


@pytest.mark.parametrize(
    ("part", "whole", "least"),
    [
        ("001_bridge_closed_short.txt", "000_bridge_closed.txt", 0.7),  # shortened
        ("000_bridge_closed.txt", "002_bridge_ferry.txt", 0.5),  # inside a longer article
        ("007_lake_wire.txt", "009_lake_explained.txt", 0.6),
    ],
)
def test_near_copies_share_passages(part: str, whole: str, least: float):
    assert containment(part, whole) >= least


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("000_bridge_closed.txt", "004_bridge_memo.txt"),  # one story in other words
        ("007_lake_wire.txt", "010_lake_donors.txt"),
        ("000_bridge_closed.txt", "007_lake_wire.txt"),  # two stories
        ("011_organ_book.txt", "006_lake_sirens.txt"),
    ],
)
def test_the_others_are_no_copies(one: str, other: str):
    assert containment(one, other) < 0.05


# --- the sites


def test_every_address_answers_as_intended(newsroom: Running):
    for url in sources():
        port = urlsplit(url).port
        if port == SILENT:
            with pytest.raises(ConnectionRefusedError):
                newsroom.get(url)
            continue
        status, headers, body = newsroom.get(url)
        if url.endswith(DEAD):
            assert status == 404, url
        elif url.endswith(MOVED):
            assert (status, headers["Location"], body) == (301, MOVED_TO, b"")
        else:
            assert status == 200, url
            assert int(headers["Content-Length"]) == len(body)


def test_one_dead_link_one_redirect_one_forbidden_one_silent():
    urls = sources()

    assert len(urls) == len(set(urls)) == 12
    for ending in (DEAD, MOVED, FORBIDDEN):
        assert sum(url.endswith(ending) for url in urls) == 1
    assert Counter(urlsplit(url).port for url in urls) == {
        HERALD: 4,
        LEDGER: 3,
        COURIER: 2,
        MERIDIAN: 2,
        SILENT: 1,
    }


def test_robots_forbid_the_one_page(newsroom: Running):
    denied = []
    for port in (HERALD, LEDGER, MERIDIAN):
        status, headers, body = newsroom.get(f"http://127.0.0.1:{port}/robots.txt")
        assert status == 200
        assert headers.get_content_type() == "text/plain"
        rules = Protego.parse(body.decode())
        denied += [u for u in sources() if urlsplit(u).port == port and not rules.can_fetch(u, "Wireroom")]
        assert rules.crawl_delay("Wireroom") == (1.0 if port == MERIDIAN else None)

    assert denied == [f"http://127.0.0.1:{HERALD}{FORBIDDEN}"]
    assert newsroom.get(f"http://127.0.0.1:{COURIER}/robots.txt")[0] == 404


def test_what_has_not_changed_is_not_sent_again(newsroom: Running):
    for url in article_urls():
        _, headers, _ = newsroom.get(url)
        assert re.search(r"Apr 2026 \d\d:\d\d:\d\d GMT$", headers["Last-Modified"]), url
        for condition in (
            {"If_None_Match": headers["ETag"]},
            {"If_None_Match": f'"other", W/{headers["ETag"]}'},
            {"If_Modified_Since": headers["Last-Modified"]},
        ):
            status, again, body = newsroom.get(url, **condition)
            assert (status, again["ETag"], body) == (304, headers["ETag"], b""), condition


@pytest.mark.parametrize(
    "condition",
    [
        {"If_None_Match": '"other"'},
        {"If_None_Match": '"other"', "If_Modified_Since": "Fri, 01 Jan 2027 00:00:00 GMT"},  # the tag wins
        {"If_Modified_Since": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ],
)
def test_what_has_changed_is_sent(newsroom: Running, condition: dict[str, str]):
    assert newsroom.get(article_urls()[0], **condition)[0] == 200


def test_head_answers_without_a_body(newsroom: Running):
    status, headers, body = newsroom.get(article_urls()[0], method="HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_nothing_outside_the_pages_is_served(newsroom: Running):
    for path in ("/../sites.toml", "/..%2fsites.toml", "//etc/passwd", "/../../../pyproject.toml", "*"):
        assert newsroom.get(f"http://127.0.0.1:{HERALD}/{path.removeprefix('/')}")[0] == 404


def test_every_article_page_holds_an_article(newsroom: Running):
    for url in article_urls():
        _, headers, body = newsroom.get(url)
        text = trafilatura.extract(body.decode(headers.get_content_charset("ascii")), include_comments=False)
        assert text is not None, url
        assert sum(len(line.split()) >= 15 for line in text.split("\n")) >= 6, url
        assert "cookie" not in text.lower(), url
        assert "©" not in text, url


def test_pages_say_their_date_in_different_places(newsroom: Running):
    found = Counter(
        "json-ld"
        if b"ld+json" in body
        else "meta"
        if b"article:published_time" in body
        else "time"
        if b"<time" in body
        else "visible"
        for body in (newsroom.get(url)[2] for url in article_urls())
    )

    assert found == {"json-ld": 2, "meta": 4, "time": 2, "visible": 2}


def test_json_ld_reads_as_json(newsroom: Running):
    found = []
    for url in article_urls():
        page = newsroom.get(url)[2].decode("latin-1")
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
            graph = json.loads(block)
            found += [item["datePublished"] for item in graph.get("@graph", [graph]) if "headline" in item]

    assert found == ["2026-04-14T09:15:00-03:00", "2026-04-15T09:10:00+05:45"]


def test_one_page_is_in_an_old_encoding(newsroom: Running):
    _, headers, body = newsroom.get(f"http://127.0.0.1:{MERIDIAN}/culture/2026/evora-organ-book.html")

    assert headers.get_content_charset() == "windows-1252"
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "“the only copy of Brother Tomé\u2019s caprices”" in body.decode("windows-1252")


def test_the_tracked_address_names_its_canonical_one(newsroom: Running):
    url = next(url for url in sources() if "utm_source" in url)
    page = newsroom.get(url)[2].decode()

    canonical = f"http://127.0.0.1:{LEDGER + newsroom.shift}/wire/2026/04/14/port-ellery-bridge/"
    assert f'<link rel="canonical" href="{canonical}">' in page


# --- the process


def test_documents_are_written_for_the_ports_in_use(newsroom: Running):
    written = sorted(newsroom.documents.glob("*.txt"))

    assert [file.name for file in written] == [file.name for file in DOCUMENTS]
    for moved, original in zip(written, DOCUMENTS, strict=True):
        there, here = parse(moved.read_bytes().decode()), parse(original.read_bytes().decode())
        assert there.paragraphs == here.paragraphs
        ports = [
            (urlsplit(a).port or 0) - (urlsplit(b).port or 0)
            for a, b in zip(there.sources, here.sources, strict=True)
        ]
        assert set(ports) <= {newsroom.shift}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(start: Start, signum: signal.Signals, tmp_path: Path):
    ready = tmp_path / "ready"
    process = start("--base-port", "0", "--ready-file", str(ready))
    base = read_base_port(process)
    assert ready.read_text().startswith(f"http://127.0.0.1:{base + 1}/ ")

    process.send_signal(signum)
    out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (0, "", "")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", base + 1)) != 0


def test_a_taken_port_is_named(start: Start, newsroom: Running):
    base = newsroom.shift + 18080
    process = start("--base-port", str(base))
    out, err = process.communicate(timeout=10)

    assert (process.returncode, out) == (2, "")
    assert err == (
        f"newsroom: port {base + 1} on 127.0.0.1 is taken; "
        "stop what listens there, or move all ports with --base-port N\n"
    )


def test_a_command_runs_beside_it_and_its_status_is_kept(start: Start, tmp_path: Path):
    asks = """
import http.client, pathlib, sys
url = pathlib.Path(sys.argv[1]).read_text().split()[0]
connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"))
connection.request("GET", "/robots.txt")
print(connection.getresponse().status)
sys.exit(7)
"""
    ready = str(tmp_path / "ready")
    process = start("--base-port", "0", "--ready-file", ready, "--", sys.executable, "-c", asks, ready)

    out, err = process.communicate(timeout=10)

    assert (process.returncode, out) == (7, "200\n")  # nothing of ours in the command's output
    assert err.startswith("newsroom: ready at http://127.0.0.1:")


def test_a_command_that_is_not_there_is_an_error(start: Start):
    process = start("--base-port", "0", "--", "/no/such/command")
    _, err = process.communicate(timeout=10)

    assert process.returncode == 2
    assert err.endswith("\nnewsroom: cannot run /no/such/command: No such file or directory\n")


def test_sigterm_is_passed_on_to_the_command(start: Start):
    sleeper = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(9)); print('up', flush=True); signal.pause()"
    process = start("--base-port", "0", "--", sys.executable, "-c", sleeper)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"

    process.terminate()
    process.communicate(timeout=10)

    assert process.returncode == 9
