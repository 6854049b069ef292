# ruff: noqa: RUF001 - letters of other scripts are the point of some pages
"""Pages as content systems write them, with the day they were published. Invented, seeded, the same everywhere.

Each family is a function from a `Story` to a page: what a template of that kind says about the same story. Names that
begin with ``trap`` are pages where something else looks like the date.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FETCHED: Final = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NOUNS: Final = "harbour bridge library tram orchard festival school market river clinic museum ferry".split()  # noqa: SIM905
PLACES: Final = "Norhaven Saltport Elmbridge Kestrel Vardo Ostrand Pellworth Quayside".split()  # noqa: SIM905

MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "th": "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
}  # fmt: skip
WORDED: Final = {
    "en": "{month} {d}, {y}", "de": "{d}. {month} {y}", "fr": "{d} {month} {y}", "es": "{d} de {month} de {y}",
    "pt": "{d} de {month} de {y}", "it": "{d} {month} {y}", "ru": "{d} {month} {y} г.", "pl": "{d} {month} {y}", "nl": "{d} {month} {y}",
    "tr": "{d} {month} {y}", "ar": "{d} {month} {y}", "hi": "{d} {month} {y}", "cs": "{d}. {month} {y}", "sv": "{d} {month} {y}",
    "fi": "{d}. {month} {y}", "el": "{d} {month} {y}", "uk": "{d} {month} {y}", "id": "{d} {month} {y}", "th": "{d} {month} {by}",
    "ja": "{y}年{m}月{d}日", "zh": "{y}年{m}月{d}日", "ko": "{y}년 {m}월 {d}일",
}  # fmt: skip
BY: Final = {
    "en": "By", "de": "Von", "fr": "Par", "es": "Por", "pt": "Por", "it": "Di", "ru": "Автор:", "pl": "Autor:", "nl": "Door", "tr": "Yazan:",
    "ar": "بقلم", "hi": "लेखक:", "cs": "Autor:", "sv": "Av", "fi": "Teksti:", "el": "Του", "uk": "Автор:", "id": "Oleh", "th": "โดย",
    "ja": "文：", "zh": "作者：", "ko": "글:",
}  # fmt: skip
ZONES: Final = {
    "de": 60, "fr": 60, "es": 60, "pt": -180, "it": 60, "ru": 180, "pl": 60, "nl": 60, "tr": 180, "ar": 180, "hi": 330, "cs": 60, "sv": 60,
    "fi": 120, "el": 120, "uk": 120, "id": 420, "th": 420, "ja": 540, "zh": 480, "ko": 540, "en": -300,
}  # fmt: skip
TLD: Final = {
    "en": "com",
    "cs": "cz",
    "sv": "se",
    "el": "gr",
    "uk": "com.ua",
    "hi": "in",
    "ja": "jp",
    "zh": "cn",
    "ko": "kr",
    "ar": "com",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What is told.

    Attributes:
        at: when it was published, in the paper's own zone (winter time; no story is told in summer time).
        language: of the page.
        number: of the story; the page's words depend on it.
    """

    at: datetime
    language: str
    number: int

    @property
    def title(self) -> str:
        """Its headline."""
        return f"{PLACES[self.number % 8]} {NOUNS[self.number % 12]} opens again after repairs {self.number}"

    @property
    def slug(self) -> str:
        """The headline as an address has it."""
        return self.title.lower().replace(" ", "-")

    @property
    def host(self) -> str:
        """The paper's host, in its country's domain."""
        return f"www.courier{self.number % 7}.{TLD.get(self.language, self.language)}"

    @property
    def url(self) -> str:
        """Its address, without a date."""
        return f"https://{self.host}/news/{self.slug}"

    @property
    def day(self) -> date:
        """The day its readers saw."""
        return self.at.date()

    @property
    def utc(self) -> str:
        """The instant in UTC."""
        return self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def local(self) -> str:
        """The instant in the paper's own zone."""
        return self.at.isoformat(timespec="seconds")

    def worded(self, day: date | None = None) -> str:
        """A day in the words of the language; the story's where it is None."""
        told = day or self.day
        name = MONTHS[self.language].split()[told.month - 1] if self.language in MONTHS else ""
        return WORDED[self.language].format(
            d=told.day, m=told.month, y=told.year, month=name, by=told.year + 543
        )

    def other(self, days: int) -> date:
        """A day so many days later."""
        return self.day + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Told:
    """One page with its truth.

    Attributes:
        family: the template.
        url: address of the page.
        html: the page.
        day: the day its readers saw, or None where the page does not say.
        time: whether the page says a time of day.
        zone: whether it says its zone.
    """

    family: str
    url: str
    html: str
    day: date | None
    time: bool
    zone: bool


Made = tuple[str, str, date | None, bool, bool]
"""Address, page, truth, time, zone."""
FAMILIES: dict[str, tuple[Callable[[Story], Made], str]] = {}


def family(
    languages: str = "en de fr es pt it ru pl",
) -> Callable[[Callable[[Story], Made]], Callable[[Story], Made]]:
    def add(make: Callable[[Story], Made]) -> Callable[[Story], Made]:
        FAMILIES[make.__name__] = (make, languages)
        return make

    return add


def body(story: Story) -> str:
    noun, place = NOUNS[story.number % 12], PLACES[story.number % 8]
    return "".join(
        f"<p>{part} part: the council of {place} sat until late and spoke of the {noun}, of salt prices and of the {n} lamps.</p>"
        for n, part in enumerate(("First", "Second", "Third", "Fourth", "Fifth", "Sixth"), 20)
    )


def page(
    story: Story,
    head: str = "",
    article: str = "",
    before: str = "",
    after: str = "",
    *,
    lang: str | None = "",
) -> str:
    told = story.language if lang == "" else lang
    attribute = f' lang="{told}"' if told else ""
    return (
        f'<!doctype html><html{attribute}><head><meta charset="utf-8"><title>{story.title} | Courier</title>{head}</head>'
        f"<body>{before}<main><article>{article or f'<h1>{story.title}</h1>'}{body(story)}</article></main>{after}</body></html>"
    )


def teasers(story: Story, *days: int, tag: str = "section", name: str = "related") -> str:
    rows = "".join(
        f'<li><a href="/n/{n}">Another tale {n}</a> <span class="date">{story.worded(story.other(n))}</span></li>'
        for n in days
    )
    return f'<{tag} class="{name}"><h3>More</h3><ul>{rows}</ul></{tag}>'


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def meta(name: str, content: str, key: str = "property") -> str:
    return f'<meta {key}="{name}" content="{content}">'


def news(story: Story, **fields: object) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "url": story.url,
        **fields,
    }


def pages() -> Iterator[Told]:
    """All pages: eight of a family, each in another language where the family has several."""
    from tasks import date_bylines, date_templates, date_traps  # noqa: F401, PLC0415 - they fill FAMILIES

    for name, (make, languages) in FAMILIES.items():
        mixed = random.Random(name)
        codes = languages.split()
        for at in range(max(8, len(codes))):
            language = codes[at % len(codes)]
            zone = timezone(timedelta(minutes=ZONES[language]))
            day = date(2010, 11, 1) + timedelta(days=365 * mixed.randrange(15) + mixed.randrange(110))
            moment = datetime(
                day.year,
                day.month,
                day.day,
                mixed.choice((0, 6, 9, 13, 17, 21, 23)),
                mixed.randrange(1, 60),
                27,
                tzinfo=zone,
            )
            url, html, truth, time, zoned = make(Story(moment, language, mixed.randrange(10_000)))
            yield Told(name, url, html, truth, time, zoned)
