"""``Link`` header fields: which addresses they name with a relation."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.linkheader import targets

OWN = "https://www.example.org/news/sea-wall"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (f'<{OWN}>; rel="canonical"', [OWN]),
        (f"<{OWN}>;rel=canonical", [OWN]),
        (f"<{OWN}> ; REL = Canonical ; title=x", [OWN]),
        (f'<{OWN}>; rel="shortlink CANONICAL"', [OWN]),
        ('</news/sea-wall>; rel="canonical"', ["/news/sea-wall"]),
        (f'</feed>; rel="alternate"; title="a, b; rel=canonical", <{OWN}>; rel=canonical', [OWN]),
        (f'<{OWN}?a=1,2;3>; rel="canonical"', [f"{OWN}?a=1,2;3"]),
        (r'<a>; title="say \"<b>; rel=canonical, \""; rel=canonical, <c>; rel="canonical"', ["a", "c"]),
        (f'<{OWN}>; rel="alternate"; rel="canonical"', []),
        (f'<{OWN}>; rel="canonical"; anchor="/another"', []),
        (f"<{OWN}>; rel=canonical-not", []),
        (f"<{OWN}>", []),
        ("< >; rel=canonical", []),
        (f'{OWN}; rel="canonical"', []),
        (f"<{OWN}>; rel=canonical, </broken", [OWN]),
        (f'<{OWN}>; rel="canonical', []),
        ("", []),
    ],
)
def test_targets(field: str, found: list[str]):
    assert list(targets(field, "canonical")) == found


@given(st.text(alphabet='<>;,="\\ ar', max_size=200))
def test_any_text_is_read(field: str):
    assert all(target and target == target.strip() for target in targets(field, "canonical"))


@pytest.mark.parametrize("piece", ["<", "<a>", '<a>;"', "<a>;rel=", "<a>;a=1", '"\\', ";;", ",", " "])
def test_a_long_field_costs_no_more_than_its_length(piece: str):
    field = piece * (200_000 // len(piece))
    began = time.process_time()
    list(targets(field, "canonical"))
    assert time.process_time() - began < 1
