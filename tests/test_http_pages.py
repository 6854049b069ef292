"""The pages for people: whole in themselves, nothing from elsewhere, nothing that turns text into markup."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from httpworld import file_draft, publish, serving

from wireroom.adapters.http.pages import NAMES, pages

PAGES = pages()
BODIES = [pytest.param(PAGES[path].body, id=name) for path, name in NAMES.items()]


def between(body: str, tag: str) -> str:
    (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", body, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("body", BODIES)
def test_nothing_makes_markup_of_text(body: str):
    script = between(body, "script")
    assert "textContent" in script
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "srcdoc",
        "setHTML",
    ):
        assert word not in script
    assert not re.search(r"\son\w+=", body)


@pytest.mark.parametrize("body", BODIES)
def test_nothing_comes_from_elsewhere(body: str):
    assert not re.findall(r"(?:src|href)=\"(?!/|\")[^\"]*", body)
    assert "@import" not in body
    assert "url(" not in between(body, "style")


@pytest.mark.parametrize("body", BODIES)
def test_every_element_that_the_script_asks_for_is_there_once(body: str):
    asked = set(re.findall(r"\$\(\"([\w-]+)\"\)", between(body, "script")))
    assert asked
    for name in asked:
        assert body.count(f'id="{name}"') == 1, name


@pytest.mark.parametrize("path", NAMES)
def test_the_policy_allows_this_script_and_this_style_only(path: str):
    page = PAGES[path]
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(between(page.body, tag).encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}';" in page.policy
    assert "unsafe" not in page.policy


async def test_what_the_status_page_asks_for_has_the_members_it_shows(redis_url: str):
    async with serving(redis_url) as api:
        publish(
            api.world, file_draft("A pier was closed.\n", "pier.txt"), names=["Larne Vale"], story="ab" * 8
        )
        stats = await api.get("/v1/stats")
        ended = ("published", "unchanged", "refused", "failed", "cancelled")
        assert stats["accepted"] == sum(stats[name] for name in ended) + sum(stats["waiting"].values())
        assert stats["processes"] == {}
        assert stats.keys() >= {"queues", "streams", "groups", "documents", "memory"}
        (item,) = (await api.get("/v1/documents?limit=20"))["documents"]
        assert (item["names"], item["story"]) == (["Larne Vale"], "ab" * 8)
        assert (await api.get("/v1/dead?limit=8"))["dead"] == []
        assert (await api.get("/v1/stories?limit=100"))["stories"] == []
