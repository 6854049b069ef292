"""Document files in, and documents out."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import aiohttp
import pytest
from httpworld import STORM, file_draft, page_draft, publish, serving

from wireroom.adapters.http.documents import prefers_text
from wireroom.adapters.http.schemas import DocumentData
from wireroom.adapters.http.uploads import safe_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from httpworld import Api

ONE = STORM.format(urls="http://news.example/storm")


async def test_one_text_is_taken_with_its_urls(redis_url: str):
    async with serving(redis_url) as api:
        answer = await api.post(
            "/v1/documents?name=storm.txt", data=ONE.encode(), headers={"Content-Type": "text/plain"}
        )
        (taken,) = answer["accepted"]
        assert taken["name"] == "storm.txt"
        assert taken["urls"] == ["http://news.example/storm"]
        assert answer["rejected"] == []
        batch = await api.get(f"/v1/batches/{answer['batch']}")
        assert batch["units"] == 2
        assert batch["states"] == {"normalizing": 1, "waiting": 1}
        assert (batch["waiting"], batch["done"]) == (2, False)
        stats = await api.get("/v1/stats")
        assert stats["accepted"] == 2
        assert stats["waiting"]["waiting"] == 1
        assert stats["queues"]["normalize"] == 1


async def test_a_text_has_the_name_of_its_disposition_or_a_plain_one(redis_url: str):
    async with serving(redis_url) as api:
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Disposition": 'x; filename="../a/b.txt"',
        }
        named = await api.post("/v1/documents", data=b"Something happened.", headers=headers)
        assert named["accepted"][0]["name"] == "b.txt"
        del headers["Content-Disposition"]
        nameless = await api.post("/v1/documents", data=b"Something else happened.", headers=headers)
        assert nameless["accepted"][0]["name"] == "document.txt"


async def test_many_files_in_a_form_keep_their_names_and_bytes(redis_url: str):
    texts = {
        f"{n:02}-ä.txt": f"\ufeffdate 2031-05-0{n + 1}\r\nText {n}\r\n--boundary\r\n".encode()
        for n in range(3)
    }
    async with serving(redis_url) as api:
        form = aiohttp.FormData()
        for number, (name, data) in enumerate(texts.items()):
            form.add_field(f"field{number}", io.BytesIO(data), filename=name, content_type="text/plain")
        form.add_field("photo", io.BytesIO(b"\xff\xd8\xff\xe0\x00\x10JFIF"), filename="photo.jpg")
        answer = await api.post("/v1/documents", data=form)
        assert [taken["name"] for taken in answer["accepted"]] == list(texts)
        assert [(r["name"], r["reason"]) for r in answer["rejected"]] == [("photo.jpg", "not_text")]
        ids = {file_draft(data.decode(), name).id for name, data in texts.items()}
        assert {taken["id"] for taken in answer["accepted"]} == ids


async def test_a_large_form_is_read_quickly_and_whole(redis_url: str):
    async with serving(redis_url) as api:
        form = aiohttp.FormData()
        for number in range(4):
            form.add_field(
                "f", io.BytesIO((f"{number} " + "word " * 600_000).encode()), filename=f"{number}.txt"
            )
        async with asyncio.timeout(20):
            answer = await api.post("/v1/documents", data=form)
        assert len(answer["accepted"]) == 4


async def test_json_documents_are_taken_beside_those_that_cannot_be(redis_url: str):
    async with serving(redis_url, max_document=2000, max_urls=3) as api:
        many = "Text.\n\nSources:\n" + "\n".join(f"http://news.example/{n}" for n in range(4))
        documents = [
            {"name": "good.txt", "text": ONE},
            {"name": "nul.txt", "text": "a\0b"},
            {"name": "empty.txt", "text": " \n"},
            {"name": "long.txt", "text": "long " * 500},
            {"name": "many.txt", "text": many},
            {"name": "broken.txt", "text": "Text.\n\nSource: http://[::1"},
        ]
        answer = await api.post("/v1/documents", json={"documents": documents})
        assert [taken["name"] for taken in answer["accepted"]] == ["good.txt", "broken.txt"]
        reasons = {r["name"]: r["reason"] for r in answer["rejected"]}
        assert reasons == {
            "nul.txt": "not_text",
            "empty.txt": "empty",
            "long.txt": "too_large",
            "many.txt": "too_many_urls",
            "broken.txt": "invalid_url",
        }
        assert "http://[::1" in next(r["detail"] for r in answer["rejected"] if r["name"] == "broken.txt")


async def test_when_nothing_can_be_taken_it_is_a_problem_that_says_why(redis_url: str):
    async with serving(redis_url) as api:
        problem = await api.post("/v1/documents", 422, json={"documents": [{"text": ""}]})
        assert problem["type"] == "urn:wireroom:problem:nothing_accepted"
        assert problem["rejected"][0]["reason"] == "empty"
        empty = await api.post("/v1/documents", 422, json={"documents": []})
        assert empty["errors"][0]["pointer"] == "#/documents"
        assert (await api.get("/v1/stats"))["accepted"] == 0


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (400, "application/json", b"{"),
        (400, "application/json", b'{"documents": [{"text": "\\ud800"}]}'),
        (422, "application/json", b"[]"),
        (422, "application/json", b'{"documents": [{"text": 3}]}'),
        (422, "application/json", b'{"documents": [{"text": "x", "path": "y"}]}'),
        (415, "application/pdf", b"%PDF"),
        (415, "text/plain; charset=latin-1", b"x"),
        (400, "multipart/form-data", b"x"),
        (400, "multipart/form-data; boundary=b", b"no boundary here"),
        (
            400,
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--",
        ),
        (413, "text/plain", b"x" * 5000),
    ],
)
async def test_what_cannot_be_read_is_a_problem(redis_url: str, status: int, kind: str, body: bytes):
    async with serving(redis_url, max_body=4096) as api:
        problem = await api.post("/v1/documents", status, data=body, headers={"Content-Type": kind})
        assert problem["status"] == status
        assert problem["detail"]


async def test_a_body_that_grows_too_large_unannounced_is_refused(redis_url: str):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with serving(redis_url, max_body=4096) as api:
        await api.post("/v1/documents", 413, data=chunks(), headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\news\\a.txt", "a.txt"),
        ("a\r\nb\u202e.txt", "ab.txt"),
        ("..", "document.txt"),
        ("", "document.txt"),
        (None, "document.txt"),
        ("x" * 400 + ".txt", "x" * 196 + ".txt"),
        ("caf\udce9.txt", "caf?.txt"),
    ],
)
def test_a_name_is_never_a_path(given: str | None, safe: str):
    assert safe_name(given) == safe


async def test_a_document_is_shown_as_data_and_as_its_file(redis_url: str):
    async with serving(redis_url) as api:
        text = "\ufeff" + ONE.replace("\n", "\r\n")
        did = publish(api.world, file_draft(text, "storm.txt"), day="2031-05-04")["id"]
        data = await api.get(f"/v1/documents/{did}")
        assert DocumentData.model_validate(data).dates.published is not None
        async with api.client.get(f"/v1/documents/{did}", headers={"Accept": "text/plain"}) as answer:
            assert answer.content_type == "text/plain"
            assert await answer.read() == text.encode()
        async with api.client.head(f"/v1/documents/{did}") as answer:
            assert answer.status == 200


async def test_revisions_and_what_changed_between_them(redis_url: str):
    async with serving(redis_url) as api:
        url = "http://news.example/storm"
        publish(api.world, page_draft(url, "Storm", "Boats stay in.\nNobody is hurt."))
        did = publish(api.world, page_draft(url, "Storm over", "Boats sail.\nNobody is hurt."))["id"]
        listed = await api.get(f"/v1/documents/{did}/revisions")
        assert [(r["revision"], r["title"], r["changed"]) for r in listed["revisions"]] == [
            (1, "Storm", None),
            (2, "Storm over", ["title", "paragraphs"]),
        ]
        assert (await api.get(f"/v1/documents/{did}?revision=1"))["title"] == "Storm"
        diff = await api.get(f"/v1/documents/{did}/diff")
        assert (diff["from"], diff["to"]) == (1, 2)
        assert diff["changes"]["paragraphs"] == [
            {"op": "changed", "before": "Boats stay in.", "after": "Boats sail."}
        ]
        back = await api.get(f"/v1/documents/{did}/diff?from=2&to=1")
        assert back["changes"]["title"] == {"before": "Storm over", "after": "Storm"}
        await api.get(f"/v1/documents/{did}?revision=3", 404)
        await api.get(f"/v1/documents/{did}/diff?from=9", 404)
        await api.get(f"/v1/documents/{did}?revision=x", 422)


@pytest.mark.parametrize("path", ["0" * 16, "zz", "0" * 16 + "/revisions", "0" * 16 + "/diff", "A" * 16])
async def test_an_unknown_document_is_a_problem(redis_url: str, path: str):
    async with serving(redis_url) as api:
        assert (await api.get(f"/v1/documents/{path}", 404))["title"]


async def _all_pages(api: Api, query: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await api.get(f"/v1/documents?{query}" + (f"&cursor={cursor}" if cursor else ""))
        found += [item["id"] for item in page["documents"]]
        cursor = page["cursor"]
    return found


def _publish_many(api: Api, number: int) -> Sequence[str]:
    return [
        publish(
            api.world,
            page_draft(
                f"http://{'a' if n % 2 else 'b'}.example:8080/{n}",
                f"T{n}",
                f"Text {n}.",
                "de" if n % 3 else "en",
            ),
            names=["Larne Vale"] if n % 5 == 0 else [],
            story="ab" * 8 if n < 4 else None,
        )["id"]
        for n in range(number)
    ]


async def test_lists_are_newest_first_and_pages_neither_repeat_nor_leave_out(redis_url: str):
    async with serving(redis_url) as api:
        ids = _publish_many(api, 25)
        # Many of one moment: the order among them is that of their ids.
        api.world.redis.zadd(api.world.keys.documents, dict.fromkeys(ids[:20], 1_900_000_000_000))
        expected = sorted(ids[:20], reverse=True)
        late = await _all_pages(api, "limit=500")
        assert sorted(late) == sorted(ids)
        for limit in (1, 3, 7, 25):
            assert await _all_pages(api, f"limit={limit}") == late
        assert [did for did in late if did in expected] == expected


async def test_filters_can_be_combined(redis_url: str):
    async with serving(redis_url) as api:
        ids = _publish_many(api, 25)
        assert set(await _all_pages(api, "host=A.example&limit=4")) == {i for n, i in enumerate(ids) if n % 2}
        assert set(await _all_pages(api, "language=en&entity=larne%20VALE")) == {ids[0], ids[15]}
        assert set(await _all_pages(api, "language=en&entity=the%20Larne-V%C3%A1le.")) == {ids[0], ids[15]}
        assert set(await _all_pages(api, f"story={'ab' * 8}&host=b.example:8080&limit=1")) == {ids[0], ids[2]}
        assert await _all_pages(api, "host=c.example") == []
        item = (await api.get(f"/v1/documents?story={'ab' * 8}&limit=1"))["documents"][0]
        assert item["id"] in ids[:4]
        assert item.keys() == {
            "id",
            "revision",
            "title",
            "url",
            "published",
            "language",
            "story",
            "names",
            "updated",
        }
        assert await _all_pages(api, f"since={item['updated']}&limit=2") != []
        assert await _all_pages(api, "until=2020-01-01") == []
        assert len(await _all_pages(api, "since=2020-01-01T00:00:00+02:00")) == 25


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "cursor=x", "since=yesterday", "until=9"]
)
async def test_a_wrong_parameter_is_named(redis_url: str, query: str):
    async with serving(redis_url) as api:
        problem = await api.get(f"/v1/documents?{query}", 422)
        assert problem["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("accept", "text"),
    [
        ("text/plain", True),
        ("text/plain, */*;q=0.1", True),
        ("application/json, text/plain;q=0.5", False),
        ("text/plain;q=0", False),
        ("*/*", False),
        ("", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_text_is_given_to_whom_would_rather_have_it(accept: str, text: bool):  # noqa: FBT001
    assert prefers_text(accept) is text
