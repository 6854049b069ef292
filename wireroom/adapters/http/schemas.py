"""The data of events as pydantic models.

Nothing is checked by them on its way; the contracts are made of them, and the tests hold real events against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Offsets = Annotated[
    list[int], Field(min_length=2, max_length=2, description="Start and end, in code points of text.")
]


class _Data(BaseModel):
    """Fields may be added; none is left out."""

    model_config = ConfigDict(extra="allow")


class OriginData(_Data):
    """Where a document comes from."""

    kind: Literal["file", "web", "archive"]
    name: str | None
    listed_by: Annotated[list[str], Field(description="Ids of the documents that list its URL.")]
    fetched_at: str | None
    status: int | None
    etag: str | None
    last_modified: str | None
    via: Annotated[
        list[Any], Field(description="The addresses it was redirected over; a capture's address last.")
    ]
    captured_at: Annotated[str | None, Field(description="When an archive captured it; null for all else.")]


class LanguageData(_Data):
    """The language of the text."""

    code: str | None
    confidence: float | None


class DateData(_Data):
    """A date with its evidence."""

    value: str
    precision: Literal["second", "minute", "day", "month", "year"]
    timezone_known: bool
    evidence: str
    confidence: float


class DatesData(_Data):
    """When a document was published and changed, and the dates its text names."""

    published: DateData | None
    modified: DateData | None
    candidates: list[dict[str, Any]]
    mentions: list[dict[str, Any]]
    conflict: bool


class NearData(_Data):
    """A near copy."""

    id: str
    similarity: float


class ShareData(_Data):
    """A document that shares passages."""

    id: str
    share: float
    passages: Annotated[
        list[list[int]], Field(description="Start and end here, start and end there, in code points.")
    ]


class StoryRef(_Data):
    """The story a document belongs to, and why."""

    id: str
    size: int
    why: Any


class SamenessData(_Data):
    """What a document has in common with those before it."""

    exact_of: str | None
    near: list[NearData]
    shares: list[ShareData]
    story: StoryRef | None


class JoinedData(_Data):
    """Why an entity has another name than its document alone would show."""

    name_alone: Annotated[
        str, Field(alias="from", description="The name that the document alone would show.")
    ]
    type: Annotated[str, Field(description="The type that the document alone would show.")]
    by: Literal["index", "spelling", "table"]
    documents: Annotated[int | None, Field(description="Documents of the window that hold the full name.")]


class StandsForData(_Data):
    """The country or union that a demonym, a capital or a seat of government speaks of without being its name."""

    name: str
    how: Literal["people", "government"]
    mentions: Annotated[list[Offsets], Field(description="Those of the entity's mentions that do.")]
    wikidata: str | None


class EntityData(_Data):
    """A person, organisation or place that the text names."""

    name: Annotated[str, Field(description="The name that other documents of the window show, too.")]
    type: Literal["person", "organisation", "place", "other"]
    count: int
    mentions: list[Offsets]
    wikidata: str | None
    joined: JoinedData | None
    stands_for: Annotated[
        StandsForData | None, Field(description="Marked, not merged: 'Russian', 'Moscow said'.")
    ] = None


class ParagraphChange(_Data):
    """One changed paragraph."""

    op: Literal["added", "removed", "changed"]
    before: str | None
    after: str | None


class BeforeAfter(_Data):
    """A value that changed."""

    before: str | None
    after: str | None


class Changes(_Data):
    """What a revision changed; null where it is the same."""

    title: BeforeAfter | None
    published: BeforeAfter | None
    paragraphs: list[ParagraphChange]


class ChangesData(_Data):
    """What changed between two revisions."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    from_: Annotated[int, Field(alias="from")]
    to: int
    changes: Changes


class EnrichmentData(_Data):
    """How an enricher fared."""

    status: Annotated[str, Field(description="`done`, `failed`, or `off` where the settings leave it out.")]
    version: str | None
    seconds: float | None
    error: str | None
    result: Annotated[
        dict[str, Any] | None,
        Field(
            description="What a user's enricher found, as it says it; the built-in ones have no such field."
        ),
    ] = None


class DocumentData(_Data):
    """A document's revision: the data of `document.created` and `document.updated`. Unknown values are null."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    revision: Annotated[int, Field(ge=1)]
    previous_revision: int | None
    layout: Literal["dated", "titled", "plain"]
    origin: OriginData
    url: str | None
    canonical_url: str | None
    sources: list[str]
    title: str | None
    author: str | None
    site: str | None
    description: str | None
    text: str
    language: LanguageData
    dates: DatesData
    sameness: SamenessData
    entities: list[EntityData]
    changes: Changes | None
    enrichment: Annotated[
        dict[str, EnrichmentData],
        Field(
            description="By enricher: `dates`, `sameness`, `entities`, and those that a user installed, by their names."
        ),
    ]
    warnings: list[str]


class StoryData(_Data):
    """A story: the data of story events."""

    id: str
    title: str | None
    size: int
    members: Annotated[list[str], Field(description="Ids of its newest documents.")]
    first_seen: str
    last_seen: str
    terms: list[str]
    entities: list[dict[str, Any]] | None
    why: Any
    merged_into: str | None
    merged_from: list[str]


class FetchData(_Data):
    """The end of one crawl, or of a look at a source that came to nothing: the data of fetch events."""

    url: str
    final_url: str | None
    status: int | None
    reason: Annotated[str | None, Field(description="Null where it succeeded, else a code.")]
    detail: str | None
    tries: int
    document: str | None
    bytes: int | None
    seconds: float | None
    redirects: list[dict[str, Any]]
    listed_by: list[str]


class DeadData(_Data):
    """Work that was given up: the data of `dead.letter`."""

    unit: Annotated[
        str | None, Field(description="Null where no unit of work was given up: a file, a consumer's entry.")
    ]
    stage: Annotated[str, Field(description="A stage of the work, `intake`, or `consumer:` and the group.")]
    reason: str
    tries: int
    detail: str | None
    stack: str | None
    url: str | None
    document: str | None
    name: str | None
    batch: str | None
