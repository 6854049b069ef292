# ruff: noqa: RUF001, SIM905 - letters of other scripts are the words themselves, and a split list reads as a table
"""The words dates are written with, in the languages most of the web is written in.

Law: tables only. One entry a language: twelve months, seven weekdays beginning with Monday, and the words that stand for
a day or a period counted from the day of writing. Alternatives of one month or weekday stand behind each other with
``|``; each is lower case and is looked up as such.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """Date words of one language.

    Attributes:
        months: twelve entries, January first; forms and abbreviations behind ``|``.
        weekdays: seven entries, Monday first.
        days: words for a day, as a distance in days from the day of writing.
        periods: phrases for a week, month or year: the unit, and the distance in units.
        inside: words before a bare month or year ('in', 'since').
        onto: words before a weekday or a day ('on').
        back: words around a weekday or month that mean the one before.
        ahead: words that mean the one to come.
        before_day: units in 'N units before' phrases, by word, as the unit's letter.
        ago: what makes a number of units a distance into the past: the words in front, and those behind.
    """

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    days: dict[str, int] = field(default_factory=dict)
    periods: dict[str, tuple[str, int]] = field(default_factory=dict)
    inside: tuple[str, ...] = ()
    onto: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    before_day: dict[str, str] = field(default_factory=dict)
    ago: tuple[str, str] = ("", "")


ENGLISH = Words(
    months=tuple(
        "january|jan,february|feb,march|mar,april|apr,may,june|jun,july|jul,august|aug,"
        "september|sept|sep,october|oct,november|nov,december|dec".split(",")
    ),
    weekdays=tuple(
        "monday|mon,tuesday|tues|tue,wednesday|weds|wed,thursday|thurs|thur|thu,friday|fri,saturday|sat,sunday|sun".split(
            ","
        )
    ),
    days={
        "the day before yesterday": -2, "day before yesterday": -2, "the day after tomorrow": 2, "yesterday": -1, "last night": -1,
        "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1,
    },
    periods={
        f"{word} {unit}": (unit[0], n)
        for word, n in (("last", -1), ("this past", -1), ("the previous", -1), ("this", 0), ("next", 1))
        for unit in ("week", "month", "year")
        if (word, unit) != ("this", "week")
    },
    inside=(
        "back in", "early in", "late in", "in early", "in late", "in mid", "in", "since", "until", "by", "during", "before", "after",
        "this", "early", "late", "mid", "the end of", "end of", "the start of", "the beginning of", "from", "between", "the year", "the summer of", "the winter of", "the spring of", "the autumn of", "the fall of",
    ),
    onto=("earlier on", "late on", "early on", "on", "since", "until", "by", "late", "early"),
    back=("last", "this past"),
    ahead=("next", "this coming", "the coming"),
    before_day={
        "day": "d",
        "days": "d",
        "week": "w",
        "weeks": "w",
        "month": "m",
        "months": "m",
        "year": "y",
        "years": "y",
        "fortnight": "f",
    },
    ago=("", "ago"),
)  # fmt: skip

GERMAN = Words(
    months=tuple(
        "januar|jänner|jan,februar|feb,märz|mär|mrz,april|apr,mai,juni|jun,juli|jul,august|aug,"
        "september|sept|sep,oktober|okt,november|nov,dezember|dez".split(",")
    ),
    weekdays=tuple("montag,dienstag,mittwoch,donnerstag,freitag,samstag|sonnabend,sonntag".split(",")),
    days={"vorgestern": -2, "heute morgen": 0, "heute abend": 0, "gestern abend": -1, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2},
    periods={
        "letzte woche": ("w", -1), "vergangene woche": ("w", -1), "letzten monat": ("m", -1), "vergangenen monat": ("m", -1),
        "letztes jahr": ("y", -1), "vergangenes jahr": ("y", -1), "im vergangenen jahr": ("y", -1), "im letzten jahr": ("y", -1),
        "nächsten monat": ("m", 1), "nächstes jahr": ("y", 1), "dieses jahr": ("y", 0),
    },
    inside=("im", "seit", "bis"),
    onto=("am", "seit", "bis"),
    back=("letzten", "vergangenen"),
    ahead=("nächsten", "kommenden"),
    before_day={"tagen": "d", "tag": "d", "wochen": "w", "woche": "w", "monaten": "m", "monat": "m", "jahren": "y", "jahr": "y"},
    ago=("vor", ""),
)  # fmt: skip

FRENCH = Words(
    months=tuple(
        "janvier|janv,février|fevrier|févr,mars,avril|avr,mai,juin,juillet|juil,août|aout,"
        "septembre|sept,octobre|oct,novembre|nov,décembre|decembre|déc".split(",")
    ),
    weekdays=tuple("lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche".split(",")),
    days={"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "aujourd’hui": 0, "demain": 1, "après-demain": 2},
    periods={
        "la semaine dernière": ("w", -1), "le mois dernier": ("m", -1), "l'an dernier": ("y", -1), "l’an dernier": ("y", -1),
        "l'année dernière": ("y", -1), "l’année dernière": ("y", -1), "le mois prochain": ("m", 1), "l'année prochaine": ("y", 1),
        "cette année": ("y", 0),
    },
    inside=("en", "depuis", "début", "fin"),
    onto=("le", "ce", "depuis"),
    back=("dernier",),
    ahead=("prochain",),
    before_day={"jour": "d", "jours": "d", "semaine": "w", "semaines": "w", "mois": "m", "an": "y", "ans": "y"},
    ago=("il y a", ""),
)  # fmt: skip

SPANISH = Words(
    months=tuple(
        "enero|ene,febrero|feb,marzo|mar,abril|abr,mayo|may,junio|jun,julio|jul,agosto|ago,"
        "septiembre|setiembre|sept|sep,octubre|oct,noviembre|nov,diciembre|dic".split(",")
    ),
    weekdays=tuple("lunes,martes,miércoles|miercoles,jueves,viernes,sábado|sabado,domingo".split(",")),
    days={"anteayer": -2, "ayer": -1, "hoy": 0, "mañana": 1, "pasado mañana": 2, "anoche": -1},
    periods={
        "la semana pasada": ("w", -1), "el mes pasado": ("m", -1), "el año pasado": ("y", -1),
        "el próximo mes": ("m", 1), "el próximo año": ("y", 1), "este año": ("y", 0),
    },
    inside=("en", "desde", "hasta"),
    onto=("el", "este", "desde el"),
    back=("el pasado", "pasado"),
    ahead=("el próximo", "próximo", "que viene"),
    before_day={"día": "d", "días": "d", "semana": "w", "semanas": "w", "mes": "m", "meses": "m", "año": "y", "años": "y"},
    ago=("hace", ""),
)  # fmt: skip

PORTUGUESE = Words(
    months=tuple(
        "janeiro|jan,fevereiro|fev,março|mar,abril|abr,maio|mai,junho|jun,julho|jul,agosto|ago,"
        "setembro|set,outubro|out,novembro|nov,dezembro|dez".split(",")
    ),
    weekdays=tuple(
        "segunda-feira,terça-feira,quarta-feira,quinta-feira,sexta-feira,sábado,domingo".split(",")
    ),
    days={"anteontem": -2, "ontem": -1, "hoje": 0, "amanhã": 1},
    periods={
        "na semana passada": ("w", -1), "semana passada": ("w", -1), "no mês passado": ("m", -1), "mês passado": ("m", -1),
        "no ano passado": ("y", -1), "ano passado": ("y", -1), "no próximo mês": ("m", 1), "no próximo ano": ("y", 1),
    },
    inside=("em", "desde", "até"),
    onto=("na", "no", "nesta", "neste"),
    back=("na última", "no último", "última", "último", "passada", "passado"),
    ahead=("na próxima", "no próximo", "próxima", "próximo"),
    before_day={"dia": "d", "dias": "d", "semana": "w", "semanas": "w", "mês": "m", "meses": "m", "ano": "y", "anos": "y"},
    ago=("há", "atrás"),
)  # fmt: skip

ITALIAN = Words(
    months=tuple(
        "gennaio|gen,febbraio|feb,marzo|mar,aprile|apr,maggio|mag,giugno|giu,luglio|lug,agosto|ago,"
        "settembre|sett|set,ottobre|ott,novembre|nov,dicembre|dic".split(",")
    ),
    weekdays=tuple("lunedì,martedì,mercoledì,giovedì,venerdì,sabato,domenica".split(",")),
    days={"l'altro ieri": -2, "ieri": -1, "oggi": 0, "domani": 1, "dopodomani": 2},
    periods={
        "la settimana scorsa": ("w", -1), "la scorsa settimana": ("w", -1), "il mese scorso": ("m", -1), "lo scorso mese": ("m", -1),
        "l'anno scorso": ("y", -1), "lo scorso anno": ("y", -1), "il mese prossimo": ("m", 1), "l'anno prossimo": ("y", 1),
    },
    inside=("a", "in", "nel", "da", "dal"),
    onto=("di",),
    back=("scorso", "scorsa"),
    ahead=("prossimo", "prossima"),
    before_day={"giorno": "d", "giorni": "d", "settimana": "w", "settimane": "w", "mese": "m", "mesi": "m", "anno": "y", "anni": "y"},
    ago=("", "fa"),
)  # fmt: skip

DUTCH = Words(
    months=tuple(
        "januari|jan,februari|feb,maart|mrt,april|apr,mei,juni|jun,juli|jul,augustus|aug,"
        "september|sept|sep,oktober|okt,november|nov,december|dec".split(",")
    ),
    weekdays=tuple("maandag,dinsdag,woensdag,donderdag,vrijdag,zaterdag,zondag".split(",")),
    days={"eergisteren": -2, "gisteren": -1, "vandaag": 0, "morgen": 1, "overmorgen": 2},
    periods={
        "vorige week": ("w", -1),
        "vorige maand": ("m", -1),
        "vorig jaar": ("y", -1),
        "volgende maand": ("m", 1),
        "volgend jaar": ("y", 1),
    },
    inside=("in", "sinds", "tot"),
    onto=("op", "afgelopen"),
    back=("vorige", "afgelopen"),
    ahead=("volgende", "komende"),
    before_day={
        "dag": "d",
        "dagen": "d",
        "week": "w",
        "weken": "w",
        "maand": "m",
        "maanden": "m",
        "jaar": "y",
    },
    ago=("", "geleden"),
)

POLISH = Words(
    months=tuple(
        "stycznia|styczeń|styczniu,lutego|luty|lutym,marca|marzec|marcu,kwietnia|kwiecień|kwietniu,maja|maj|maju,"
        "czerwca|czerwiec|czerwcu,lipca|lipiec|lipcu,sierpnia|sierpień|sierpniu,września|wrzesień|wrześniu,"
        "października|październik|październiku,listopada|listopad|listopadzie,grudnia|grudzień|grudniu".split(",")
    ),
    weekdays=tuple("poniedziałek,wtorek,środę|środa,czwartek,piątek,sobotę|sobota,niedzielę|niedziela".split(",")),
    days={"przedwczoraj": -2, "wczoraj": -1, "dzisiaj": 0, "dziś": 0, "jutro": 1, "pojutrze": 2},
    periods={
        "w zeszłym tygodniu": ("w", -1), "w ubiegłym tygodniu": ("w", -1), "w zeszłym miesiącu": ("m", -1),
        "w ubiegłym miesiącu": ("m", -1), "w zeszłym roku": ("y", -1), "w ubiegłym roku": ("y", -1), "w przyszłym roku": ("y", 1),
    },
    inside=("w", "we", "od", "do"),
    onto=("w", "we"),
    before_day={"dni": "d", "dzień": "d", "tygodni": "w", "tygodnie": "w", "miesięcy": "m", "miesiące": "m", "lat": "y", "lata": "y"},
    ago=("", "temu"),
)  # fmt: skip

RUSSIAN = Words(
    months=tuple(
        "января|январь|январе,февраля|февраль|феврале,марта|март|марте,апреля|апрель|апреле,мая|май|мае,"
        "июня|июнь|июне,июля|июль|июле,августа|август|августе,сентября|сентябрь|сентябре,"
        "октября|октябрь|октябре,ноября|ноябрь|ноябре,декабря|декабрь|декабре".split(",")
    ),
    weekdays=tuple("понедельник,вторник,среду|среда,четверг,пятницу|пятница,субботу|суббота,воскресенье".split(",")),
    days={"позавчера": -2, "вчера": -1, "сегодня": 0, "завтра": 1, "послезавтра": 2},
    periods={
        "на прошлой неделе": ("w", -1), "в прошлом месяце": ("m", -1), "в прошлом году": ("y", -1),
        "в следующем месяце": ("m", 1), "в следующем году": ("y", 1), "в этом году": ("y", 0),
    },
    inside=("в", "с", "до"),
    onto=("в", "во"),
    back=("в прошлый", "в прошлую", "в прошлое", "в минувший", "в минувшую"),
    ahead=("в следующий", "в следующую", "в ближайший", "в ближайшую"),
    before_day={
        "день": "d", "дня": "d", "дней": "d", "неделю": "w", "недели": "w", "недель": "w", "месяц": "m", "месяца": "m",
        "месяцев": "m", "год": "y", "года": "y", "лет": "y",
    },
    ago=("", "назад"),
)  # fmt: skip

TURKISH = Words(
    months=tuple("ocak,şubat,mart,nisan,mayıs,haziran,temmuz,ağustos,eylül,ekim,kasım,aralık".split(",")),
    weekdays=tuple("pazartesi,salı,çarşamba,perşembe,cuma,cumartesi,pazar".split(",")),
    days={"dün": -1, "bugün": 0, "yarın": 1},
    periods={
        "geçen hafta": ("w", -1),
        "geçen ay": ("m", -1),
        "geçen yıl": ("y", -1),
        "gelecek ay": ("m", 1),
        "gelecek yıl": ("y", 1),
    },
    back=("geçen", "geçtiğimiz"),
    ahead=("gelecek", "önümüzdeki"),
    before_day={"gün": "d", "hafta": "w", "ay": "m", "yıl": "y"},
    ago=("", "önce"),
)

LANGUAGES: dict[str, Words] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "it": ITALIAN,
    "nl": DUTCH,
    "pl": POLISH,
    "ru": RUSSIAN,
    "tr": TURKISH,
}
"""By ISO 639-1 code. Chinese, Japanese and Korean dates are digits with signs and need no words."""

NUMBERS: dict[str, int] = {
    "a": 1, "an": 1, "a couple of": 2, "couple of": 2, "a dozen": 12, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "ein": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "due": 2, "tre": 3, "een": 1, "twee": 2, "drie": 3, "dwa": 2, "trzy": 3,
    "два": 2, "две": 2, "три": 3, "bir": 1, "iki": 2, "üç": 3,
}  # fmt: skip
"""Numbers in words, as far as 'N units ago' uses them."""

OFFSETS: dict[str, int] = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "sast": 120, "eet": 120,
    "eest": 180, "msk": 180, "trt": 180, "eat": 180, "gst": 240, "pkt": 300, "ist": 330, "npt": 345, "ict": 420, "wib": 420,
    "hkt": 480, "sgt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "hst": -600, "brt": -180, "art": -180,
}  # fmt: skip
"""Minutes east of UTC by abbreviation. Where one has several meanings the commonest in news: IST is India, CST is Chicago."""

AMBIGUOUS: dict[str, dict[str, int]] = {
    "ist": {"en": 330, "hi": 330, "in": 330, "lk": 330, "bn": 330, "ta": 330, "te": 330, "mr": 330, "he": 120, "il": 120, "ie": 60},
    "cst": {"en": -360, "us": -360, "ca": -360, "mx": -360, "zh": 480, "cn": 480, "tw": 480},
    "bst": {"en": 60, "uk": 60, "gb": 60, "bn": 360, "bd": 360},
    "est": {"en": -300, "us": -300, "ca": -300, "es": -300, "au": 600},
    "edt": {"en": -240, "us": -240, "ca": -240, "es": -240, "au": 660},
    "pst": {"en": -480, "us": -480, "ca": -480, "es": -480, "ph": 480},
    "mst": {"en": -420, "us": -420, "ca": -420, "es": -420, "my": 480},
    "gst": {"en": 240, "ar": 240, "ae": 240, "om": 240},
    "art": {"es": -180, "ar": -180}, "eat": {"en": 180, "ke": 180, "tz": 180, "ug": 180}, "pht": {"en": 480, "ph": 480},
}  # fmt: skip
"""Abbreviations of several zones, or that are words too: what they mean by language or country; elsewhere nothing."""

AMERICAN: dict[str, int] = {"et": -300, "ct": -360, "mt": -420, "pt": -480}
"""North American zones named without their season: standard-time minutes; summer time is computed from the date."""
