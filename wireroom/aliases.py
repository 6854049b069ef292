"""One name across documents: what a document's own names become, given what the index of aliases holds. Pure.

`wireroom.entities` joins the names of one document; this joins them across documents. Its law: a wrong join is worse
than none, so a name stays as it is whenever two answers are open.

1. Names that a table knows (`wireroom.gazetteer`) are one everywhere; the index is not asked.
2. Full names of people are never joined, but for spellings of one (`wireroom.names.may_be_one`: accents, hyphens,
   transliterated endings, a middle initial, nicknames); 'Jr.' is somebody else. The spelling that came first is shown.
   A name that fits two people, or a group of spellings of which one does not fit it, stays.
3. A short form (a surname, the Xi or Jinping of Xi Jinping, an initial with a surname, a body's acronym or single word)
   gets the full name that other documents, in the window, join it with. Only documents that hold the full name count.
4. It must have something in common with one of those documents: a story, other people and bodies, places (`WEIGHTS`).
   One place will do where `SEVERAL` documents hold the full name; where one does, it takes more. A surname that many bear
   takes twice as much, a word that many bodies are called by a whole story.
5. Of two full names the one with twice as much in common is taken; so is one that `DOMINANT` times as many documents
   hold, if it has not less in common. Otherwise the short form stays.
6. Where there is only one full name, in `DOMINANT` documents, anything in common will do; a text that names nothing else
   has nothing to compare, and there `SEVERAL` documents will do.
7. Two people of one document never become one: a short form stays where the document itself names somebody it may mean,
   and where two of its names would become the same, both stay; only the two halves of one name (Xi, Jinping) are joined.
8. A single word that a document takes for something else, Velder for a people, is somebody's surname where more is in common
   than a place, and nothing else of the document says who is meant.
9. A few people whom every reader knows by the surname stand in ``data/aliases.tsv``, each as if three documents of
   their country named them; where the surname is hardly anybody else's, in the news, nothing need be in common.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from wireroom import bodies, wellknown
from wireroom.aliasforms import Kind, Name, compatible, full_form, names_of, own
from wireroom.context import MOST, code, context_of, shared, weight
from wireroom.names import is_family_first, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SEVERAL: Final = 2
"""Documents with the full name from which on one place in common is enough."""
DOMINANT: Final = 5
"""Times as many documents as all other full names of a surname together."""
LEAST: Final = 2
"""What must be in common: one place."""
ONE: Final = 4
"""What must be in common with a single document: two places, or a person or body."""
STORY: Final = 8
"""What a story in common weighs."""
TABLE: Final = 3
"""Documents that a name in the table stands for."""
By = Literal["index", "spelling", "table"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A document that holds the full name of an alias.

    Attributes:
        names: the full names as they are shown; two where two people of one surname are in it.
        context: what else it names (`wireroom.context`).
    """

    names: tuple[str, ...]
    context: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the index holds under one alias.

    Attributes:
        spelt: full form → the name it is shown by.
        seen: the documents of the window.
    """

    spelt: Mapping[str, str]
    seen: Sequence[Seen] = ()


NOTHING: Final = Known({})


@dataclass(frozen=True, slots=True)
class Asked:
    """A document as the index reads it.

    Attributes:
        names: its people and bodies that no table knows.
        context: what it names, for comparing with others.
        told: the same with the short forms it explains, for others to compare with.
        weak: codes of the context that are of short forms: they may be somebody else's, and weigh half.
    """

    names: tuple[Name, ...]
    context: frozenset[str]
    told: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    @property
    def wanted(self) -> dict[str, bool]:
        """Keys of aliases to be read; true where the documents are wanted, not the spellings alone."""
        keys = {key: False for name in self.names for key in (name.home, *name.aliases)}
        return keys | {name.sought: True for name in self.names if name.sought}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a name becomes.

    Attributes:
        name: the entity.
        shown: the name across documents.
        by: what joined it; None where it is the document's own.
        documents: how many documents hold the full name; None where they were not counted.
    """

    name: Name
    shown: str
    by: By | None = None
    documents: int | None = None


@dataclass(slots=True)
class _Candidate:
    shown: str
    documents: int = 0
    affinity: int = 0
    by: By = "index"


def ask(data: Mapping[str, Any]) -> Asked:
    """A document's data (`wireroom.assembly`) as the index reads it."""
    names, context = names_of(data), context_of(data)
    short = (code(key[0], key[2:]) for name in names for key in name.aliases if name.code in context)
    weak = frozenset(name.code for name in names if name.sought)
    return Asked(names, context, context | frozenset(islice(short, MOST)), weak)


def resolve(asked: Asked, known: Mapping[str, Known]) -> tuple[Verdict, ...]:
    """What each name of a document becomes.

    Args:
        asked: the document.
        known: by key, what the index holds; keys that it does not hold may be left out.
    """
    verdicts = [_verdict(name, asked, known) for name in asked.names]
    taken = {(name.type, name.name) for name in asked.names}
    targets = Counter((v.name.type, v.shown) for v in verdicts if v.by)
    settled: dict[int, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda v: v.name.guess):
        one, target = verdict, (verdict.name.type, verdict.shown)
        if one.by and (target in taken or not _may_share(one, verdicts, targets)):
            one = Verdict(one.name, one.name.name)
        before = settled.get(one.name.at)
        if not one.name.guess or (one.by and not (before and before.by)):
            settled[one.name.at] = one
    return tuple(settled.values())


def apply(entities: Sequence[Mapping[str, Any]], verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """The entities of a document with their names across documents, and what joined them (``joined``)."""
    named = {verdict.name.at: verdict for verdict in verdicts}
    out: list[dict[str, Any]] = []
    halves: dict[tuple[str, str], dict[str, Any]] = {}
    for at, entity in enumerate(entities):
        verdict, (name, kind) = named.get(at), own(entity)
        if verdict is None or verdict.by is None:
            out.append({**entity, "name": name, "type": kind, "joined": None})
            continue
        joined = {"from": name, "type": kind, "by": verdict.by, "documents": verdict.documents}
        mine = {**entity, "name": verdict.shown, "type": verdict.name.type, "joined": joined}
        first = halves.setdefault((verdict.name.type, verdict.shown), mine)
        if first is mine:
            out.append(mine)
        else:
            first["mentions"] = sorted(first["mentions"] + mine["mentions"])
            first["count"] = len(first["mentions"])
    return out


def published(asked: Asked, entities: Sequence[Mapping[str, Any]]) -> tuple[Verdict, ...]:
    """The verdicts that a published document's entities were named by."""
    return tuple(
        Verdict(name, entity["name"], (entity.get("joined") or {}).get("by"))
        for name in asked.names
        for entity in (entities[name.at],)
        if name.type == entity["type"]
    )


def told(verdicts: Iterable[Verdict]) -> tuple[dict[str, list[str]], dict[str, dict[str, str]]]:
    """What a document tells the index: by alias its full names, and by alias full form → the name it is shown by."""
    seen: dict[str, list[str]] = {}
    spelt: dict[str, dict[str, str]] = {}
    for verdict in verdicts:
        name = verdict.name
        if name.short or verdict.by in ("index", "table"):
            continue  # the full name does not stand in it
        for key in name.aliases:
            seen.setdefault(key, []).append(verdict.shown)
        spelt.setdefault(name.home, {})[name.form] = verdict.shown
    return seen, spelt


# --- one name ---


def _verdict(name: Name, asked: Asked, known: Mapping[str, Known]) -> Verdict:
    if name.sought:
        found = _long(name, asked, known.get(name.sought, NOTHING))
        if found is not None:
            return found
    if name.short:
        return Verdict(name, name.name)
    shown = _spelling(name, known.get(name.home, NOTHING).spelt)
    return Verdict(name, shown, "spelling" if shown != name.name else None)


def _spelling(name: Name, spelt: Mapping[str, str]) -> str:
    """Rule 2."""
    if name.type == "person":
        for person in wellknown.people().get(name.home, ()):
            if name.form in person.spelt or compatible(name.form, full_form(person.shown)):
                return person.shown
    if name.form in spelt:
        return spelt[name.form]
    groups: dict[str, list[str]] = {}
    for form, shown in spelt.items():
        groups.setdefault(shown, []).append(form)
    if name.type != "person":
        return name.name
    fitting = [shown for shown, forms in groups.items() if all(compatible(name.form, form) for form in forms)]
    return fitting[0] if len(fitting) == 1 else name.name


def _long(name: Name, asked: Asked, known: Known) -> Verdict | None:
    """Rules 3 to 6: the full name of a short form; None where none is certain."""
    if name.type == "person" and any(_means(name, other) for other in asked.names):
        return None
    candidates = sorted(
        _candidates(name, asked, known), key=lambda c: (c.affinity, c.documents, c.shown), reverse=True
    )
    if not candidates:
        return None
    most = max(candidates, key=lambda c: (c.documents, c.affinity, c.shown))
    others = sum(c.documents for c in candidates if c is not most)
    best = candidates[0]
    if most.documents >= DOMINANT * max(1, others) and most.affinity >= best.affinity:
        best, second = most, 0
    else:
        second = candidates[1].affinity if len(candidates) > 1 else 0
    alone = len(candidates) == 1
    if not (
        _enough(name, best, len(asked.context - {name.code}), alone=alone) and best.affinity >= 2 * second
    ):
        return None
    return Verdict(name, best.shown, best.by, best.documents if best.by == "index" else None)


def _enough(name: Name, best: _Candidate, names: int, *, alone: bool) -> bool:
    """Rules 4 and 6."""
    if name.type == "organisation" and name.form in wellknown.words("generic"):
        return best.affinity >= STORY
    if name.guess:
        return best.affinity >= (ONE if best.documents >= SEVERAL else STORY)
    strict = 2 if name.type == "person" and _is_common(name, best.shown) else 1
    if not names and alone and best.documents >= SEVERAL * strict:
        return True
    if alone and best.documents >= DOMINANT * strict and best.affinity:
        return True
    return best.affinity >= strict * (LEAST if best.documents >= SEVERAL else ONE)


def _is_common(name: Name, shown: str) -> bool:
    """Whether many people bear a short form: a common surname, a given name."""
    form = tokens(shown)
    given = name.form == form[0] and not is_family_first(form)
    return given or name.form.rpartition(" ")[2] in wellknown.words("common")


def _candidates(name: Name, asked: Asked, known: Known) -> list[_Candidate]:
    """The full names that other documents join a short form with, spellings of one person as one."""
    context = asked.context - {name.code}
    counted: dict[str, _Candidate] = {}
    for seen in known.seen:
        affinity = shared(context, seen.context, asked.weak)
        for shown in seen.names:
            one = counted.setdefault(shown, _Candidate(shown))
            one.documents += 1
            one.affinity = max(one.affinity, affinity)
    if name.type == "organisation":
        return [one for one in counted.values() if bodies.key(one.shown) != name.form]
    form = tokens(name.name)
    people: list[_Candidate] = []
    for person in wellknown.people().get(name.sought or "", ()):
        least = (ONE if name.guess else LEAST) if person.alone else 0
        affinity = weight(person.country) if person.country in context else 0
        people.append(_Candidate(person.shown, TABLE, max(least, affinity), "table"))
    for one in sorted(counted.values(), key=lambda c: (-c.documents, c.shown)):
        same = next((p for p in people if compatible(full_form(p.shown), full_form(one.shown))), None)
        if same is None:
            people.append(one)
        else:
            same.documents += one.documents
            same.affinity = max(same.affinity, one.affinity)
            same.by = "index"
    return [
        p for p in people if len(form) == 1 or not name.initials or compatible(name.form, full_form(p.shown))
    ]


def _means(name: Name, other: Name) -> bool:
    """Rule 7: whether a short form may mean somebody whom the document names in full."""
    if other is name or other.short or name.sought not in other.aliases:
        return False
    return not name.initials or compatible(name.form, other.form)


def _may_share(verdict: Verdict, verdicts: Sequence[Verdict], targets: Counter[tuple[Kind, str]]) -> bool:
    """Rule 7: whether a name may become what others of the document become."""
    target = (verdict.name.type, verdict.shown)
    if targets[target] == 1:
        return True
    forms = [v.name.form.split() for v in verdicts if v.by and (v.name.type, v.shown) == target]
    words = [word for form in forms for word in form]
    return all(v.name.short for v in verdicts if v.by and (v.name.type, v.shown) == target) and len(
        words
    ) == len(set(words))
