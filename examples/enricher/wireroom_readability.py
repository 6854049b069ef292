"""How long a document takes to read, and how hard it is: an enricher for Wireroom, whole in one file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireroom.enricher import JSON, EnrichInput

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction: the mean of 190 studies (Brysbaert 2019, Journal of Memory and Language 109)."""
WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?]+(?=[\s\"'\u201d\u2019)\]]|$)")
VOWELS = re.compile(r"[aeiouy]+")


class Readability:
    """Counts words and sentences; of an English text also Flesch's reading ease."""

    version = "1.0"

    def load(self) -> None:
        """Called once in each process, before the first document: a model would be loaded here."""

    def enrich(self, document: EnrichInput) -> dict[str, JSON]:
        """What stands under ``enrichment.readability.result`` of the document."""
        words = WORD.findall(document.text)
        sentences = max(1, len(SENTENCE_END.findall(document.text)))
        return {
            "words": len(words),
            "sentences": sentences if words else 0,
            "minutes": round(len(words) / WORDS_A_MINUTE, 2),
            "reading_ease": reading_ease(words, sentences) if words and document.language == "en" else None,
        }


def reading_ease(words: list[str], sentences: int) -> float:
    """Flesch's reading ease (Journal of Applied Psychology 32, 1948): 100 is easy, 30 hard."""
    syllables = sum(map(syllables_of, words))
    return round(206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words), 1)


def syllables_of(word: str) -> int:
    """Groups of vowels, without a silent e at the end; a rule of thumb."""
    lower = word.lower()
    groups = len(VOWELS.findall(lower))
    silent = groups > 1 and lower.endswith("e") and not lower.endswith(("le", "ee"))
    return max(1, groups - silent)
