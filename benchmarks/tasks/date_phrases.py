# ruff: noqa: RUF001 - letters of other scripts are the point of some phrases
"""Dates as news writes them, with the day of the paper and what they mean. All sentences are invented.

A case is a sentence in which the phrase stands between ``[`` and ``]``, and its meaning; a sentence without a phrase
has none. The precision is that of the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PAPER: Final = date(2021, 12, 16)
"""A Thursday."""

SETS: Final[dict[str, str]] = {
    "en": """
The speaker left [on Wednesday]. = 2021-12-15
They met [on Thursday] by the quay. = 2021-12-16
They met [Thursday (15)] by video. = 2021-12-15
The wall was opened [last Thursday]. = 2021-12-09
The ferry returns [next Tuesday]. = 2021-12-21
The council will vote [on Monday]. = 2021-12-20
He will go, his office said [on Monday]. = 2021-12-13
Prices rose [last month]. = 2021-11
Prices fell [this month]. = 2021-12
Games open [in February]. = 2022-02
The wall fell [in February]. = 2021-02
The wall fell [in May]. = 2021-05
The dam broke in [July 2019]. = 2019-07
Updated: [Dec 15, 9:14 pm IST] = 2021-12-15T21:14+05:30
Posted [Dec. 15, 2021 at 9:14 p.m. ET] by Bo = 2021-12-15T21:14-05:00
Posted [15 Dec 2021, 10:15] XYZ by Bo = 2021-12-15T10:15
Posted [June 3, 2021 5pm PT] = 2021-06-03T17:00-07:00
No [20211216] in the archive = 2021-12-16
SALTPORT, [Dec 15] (HNA) - Ferries sail = 2021-12-15
SALTPORT, [December 15] — Ferries sail = 2021-12-15
[Earlier on Wednesday] he spoke = 2021-12-15
[Late on Wednesday] he spoke = 2021-12-15
He spoke [yesterday]. = 2021-12-15
He spoke [the day before yesterday]. = 2021-12-14
He speaks [tomorrow]. = 2021-12-17
He spoke [today]. = 2021-12-16
They came [two weeks ago]. = 2021-12-02
They came [three days ago]. = 2021-12-13
They came [a month ago]. = 2021-11
They came [10 years ago]. = 2011
They came [a year ago]. = 2020
It has been shut [since 2014]. = 2014
It was shut [in 1987]. = 1987
The style of the 1990s is back. =
Profits fell in Q3. =
Profits fell in the third quarter. =
They met [on the 15th]. = 2021-12-15
They will meet [on the 20th]. = 2021-12-20
The fair runs [Dec 3]-5 in Vardo. = 2021-12-03
The fair runs Dec 3-[5] in Vardo. = 2021-12-05
The fair ran from [December 3] to 5. = 2021-12-03
The fair ran [3]-5 December in Vardo. = 2021-12-03
The fair ran 3-[5 December] in Vardo. = 2021-12-05
In fiscal 2022 it grew. =
In the 2021/22 season they won. =
The flood of [15 December 2021] is over. = 2021-12-15
The flood of [15th December, 2021] is over. = 2021-12-15
The flood of [December 15th] is over. = 2021-12-15
The flood of [15.12.2021] is over. = 2021-12-15
The flood of [2021-12-15] is over. = 2021-12-15
The flood of [2021-12-15T10:15:00Z] is over. = 2021-12-15T10:15:00+00:00
The flood of [12/15/2021] is over. = 2021-12-15
The flood of [12/05/2021] is over. = 2021-12-05
They meet [by Friday]. = 2021-12-17
They met [on Friday]. = 2021-12-10
They met [last week]. = 2021-12-09
They meet [next week]. = 2021-12-23
They meet [next month]. = 2022-01
They meet [next year]. = 2022
They met [last year]. = 2020
They met [in November last year]. = 2020-11
They met [in mid-November]. = 2021-11
They met early [this year]. = 2021
Rates rise [from January]. = 2022-01
The deal of [Tuesday] night holds. = 2021-12-14
[Tuesday] night's deal holds. = 2021-12-14
She was born on [4 July 1976]. = 1976-07-04
She may march with 20 people; the sun sat. =
Black Friday sales filled the Sunday Times. =
In 2014 people came. =
It cost $1,999 in 2,021 shops. =
On 32 December 2021 nothing is. =
Call 555-2021 or 12-34-56. =
[The day after tomorrow] they sail. = 2021-12-18
They sail at [the end of January]. = 2022-01
They sailed over the weekend of [December 11]. = 2021-12-11
They sailed [on Saturday, December 11]. = 2021-12-11
They sailed [Monday] in fog. = 2021-12-13
They sailed [this morning]. = 2021-12-16
They sailed [last night]. = 2021-12-15
They sail [this Saturday]. = 2021-12-18
""",
    "de": """
Er sprach [am Mittwoch] im Rat. = 2021-12-15
Er sprach [am Donnerstag]. = 2021-12-16
Der Rat wird [am Montag] tagen. = 2021-12-20
Er kam [gestern] an. = 2021-12-15
Er kommt [übermorgen]. = 2021-12-18
Er kam [vor zwei Wochen]. = 2021-12-02
Er kam [vor drei Tagen]. = 2021-12-13
Es war [im vergangenen Jahr]. = 2020
Es war [letzten Monat]. = 2021-11
Es war [im November]. = 2021-11
Es war am [3. Dezember]. = 2021-12-03
Es war am [3. Dezember 2021 um 10.30] Uhr. = 2021-12-03T10:30
Es war am [15.12.2021]. = 2021-12-15
[Seit 2014] ist zu. = 2014
Es war [letzten Freitag]. = 2021-12-10
Es ist [nächsten Dienstag]. = 2021-12-21
Es war [letzte Woche]. = 2021-12-09
In den 1990er Jahren war es laut. =
Guten Morgen sagte er. =
""",
    "fr": """
Il a parlé [mercredi] au conseil. = 2021-12-15
Il a parlé [jeudi]. = 2021-12-16
Il est venu [hier]. = 2021-12-15
Il viendra [demain]. = 2021-12-17
C'était [le mois dernier]. = 2021-11
C'était [la semaine dernière]. = 2021-12-09
C'était [il y a deux semaines]. = 2021-12-02
C'était [l'an dernier]. = 2020
C'était [en mai]. = 2021-05
C'était [le 3 décembre]. = 2021-12-03
C'était [le 1er décembre 2021]. = 2021-12-01
C'était [vendredi dernier]. = 2021-12-10
Ce sera [mardi prochain]. = 2021-12-21
C'est fermé [depuis 2014]. = 2014
Publié le [15/12/2021 à 10h15] = 2021-12-15T10:15
""",
    "es": """
Habló [el miércoles] en el consejo. = 2021-12-15
Habló [este jueves]. = 2021-12-16
Llegó [ayer]. = 2021-12-15
Llega [mañana]. = 2021-12-17
Fue [el mes pasado]. = 2021-11
Fue [la semana pasada]. = 2021-12-09
Fue [hace dos semanas]. = 2021-12-02
Fue [hace tres años]. = 2018
Fue [en mayo]. = 2021-05
Fue [el 3 de diciembre]. = 2021-12-03
Fue [el 15 de diciembre de 2021]. = 2021-12-15
Fue [el pasado viernes]. = 2021-12-10
Será [el próximo martes]. = 2021-12-21
Está cerrado [desde 2014]. = 2014
Publicado el [15/12/2021 10:15] = 2021-12-15T10:15
""",
    "pt": """
Ele falou [na quarta-feira]. = 2021-12-15
Ele falou [nesta quinta-feira]. = 2021-12-16
Ele falou [nesta quarta-feira (15)]. = 2021-12-15
Chegou [ontem]. = 2021-12-15
Chega [amanhã]. = 2021-12-17
Foi [no mês passado]. = 2021-11
Foi [na semana passada]. = 2021-12-09
Foi [há duas semanas]. = 2021-12-02
Foi [em maio]. = 2021-05
Foi em [3 de dezembro]. = 2021-12-03
Foi em [15 de dezembro de 2021]. = 2021-12-15
Está fechado [desde 2014]. = 2014
Foi [na última sexta-feira]. = 2021-12-10
Publicado em [15/12/2021 às 10h15] = 2021-12-15T10:15
""",
    "it": """
Ha parlato [mercoledì] in aula. = 2021-12-15
Ha parlato [giovedì]. = 2021-12-16
È arrivato [ieri]. = 2021-12-15
Arriva [domani]. = 2021-12-17
È stato [il mese scorso]. = 2021-11
È stato [due settimane fa]. = 2021-12-02
È stato [venerdì scorso]. = 2021-12-10
Sarà [martedì prossimo]. = 2021-12-21
È stato [a maggio]. = 2021-05
È stato [il 3 dicembre]. = 2021-12-03
È stato [il 15 dicembre 2021]. = 2021-12-15
È chiuso [dal 2014]. = 2014
""",
    "nl": """
Hij sprak [woensdag] in de raad. = 2021-12-15
Hij kwam [gisteren]. = 2021-12-15
Hij kwam [twee weken geleden]. = 2021-12-02
Het was [vorige maand]. = 2021-11
Het was [afgelopen vrijdag]. = 2021-12-10
Het was op [3 december]. = 2021-12-03
Het was op [15 december 2021]. = 2021-12-15
Het is dicht [sinds 2014]. = 2014
""",
    "pl": """
Mówił [w środę] w radzie. = 2021-12-15
Przybył [wczoraj]. = 2021-12-15
Przybył [dwa tygodnie temu]. = 2021-12-02
Było [w zeszłym miesiącu]. = 2021-11
Było [3 grudnia]. = 2021-12-03
Było [15 grudnia 2021] r. = 2021-12-15
Było [w maju]. = 2021-05
Zamknięte [od 2014] r. = 2014
""",
    "ru": """
Он выступил [в среду]. = 2021-12-15
Он выступил [в четверг]. = 2021-12-16
Он приехал [вчера]. = 2021-12-15
Он приедет [завтра]. = 2021-12-17
Это было [в прошлом месяце]. = 2021-11
Это было [на прошлой неделе]. = 2021-12-09
Это было [две недели назад]. = 2021-12-02
Это было [три года назад]. = 2018
Это было [в мае]. = 2021-05
Это было [3 декабря]. = 2021-12-03
Это было [15 декабря 2021] года. = 2021-12-15
Закрыто [с 2014] года. = 2014
Опубликовано [15.12.2021 10:15] = 2021-12-15T10:15
Это было [в прошлую пятницу]. = 2021-12-10
""",
    "tr": """
[Çarşamba] günü konuştu. = 2021-12-15
[Dün] geldi. = 2021-12-15
[İki hafta önce] geldi. = 2021-12-02
[Geçen ay] oldu. = 2021-11
[3 Aralık]'ta oldu. = 2021-12-03
[15 Aralık 2021] günü oldu. = 2021-12-15
[Geçen cuma] oldu. = 2021-12-10
[Mayıs ayında] oldu. = 2021-05
""",
    "ja": """
議長は[15日]に退任した。 = 2021-12-15
議長は[水曜日]に退任した。 = 2021-12-15
[昨日]到着した。 = 2021-12-15
[明日]到着する。 = 2021-12-17
[先月]決まった。 = 2021-11
[昨年]決まった。 = 2020
[2021年12月15日]に決まった。 = 2021-12-15
[12月3日]に決まった。 = 2021-12-03
[5月]に決まった。 = 2021-05
[2週間前]に決まった。 = 2021-12-02
[3日前]に決まった。 = 2021-12-13
[令和3年12月15日]に決まった。 = 2021-12-15
[２０２１年１２月１５日]に決まった。 = 2021-12-15
[2014年]から閉鎖。 = 2014
15日間の旅。 =
""",
    "zh": """
主席[周三]辞职。 = 2021-12-15
主席[星期四]辞职。 = 2021-12-16
他[昨天]到达。 = 2021-12-15
他[明天]到达。 = 2021-12-17
[上个月]决定。 = 2021-11
[去年]决定。 = 2020
[2021年12月15日]决定。 = 2021-12-15
[12月3日]决定。 = 2021-12-03
[两周前]决定。 = 2021-12-02
[3天前]决定。 = 2021-12-13
[上周五]决定。 = 2021-12-10
[下周二]开会。 = 2021-12-21
[2014年]以来关闭。 = 2014
发布时间：[2021年12月15日 10:15] = 2021-12-15T10:15
""",
    "ar": """
تحدث الرئيس [يوم الأربعاء] في المجلس. = 2021-12-15
تحدث [الخميس] في المجلس. = 2021-12-16
وصل [أمس] إلى المدينة. = 2021-12-15
يصل [غدا] إلى المدينة. = 2021-12-17
كان ذلك [الشهر الماضي]. = 2021-11
كان ذلك [الأسبوع الماضي]. = 2021-12-09
كان ذلك [العام الماضي]. = 2020
كان ذلك [قبل أسبوعين]. = 2021-12-02
كان ذلك في [15 ديسمبر 2021]. = 2021-12-15
كان ذلك في [١٥ ديسمبر ٢٠٢١]. = 2021-12-15
كان ذلك في [3 ديسمبر]. = 2021-12-03
كان ذلك [الجمعة الماضي]. = 2021-12-10
مغلق [منذ 2014] تماما. = 2014
""",
    "hi": """
अध्यक्ष ने [बुधवार] को बात की। = 2021-12-15
अध्यक्ष ने [गुरुवार] को बात की। = 2021-12-16
यह [पिछले महीने] हुआ। = 2021-11
यह [पिछले साल] हुआ। = 2020
यह [15 दिसंबर 2021] को हुआ। = 2021-12-15
यह [१५ दिसंबर २०२१] को हुआ। = 2021-12-15
यह [3 दिसंबर] को हुआ। = 2021-12-03
यह [दो हफ्ते पहले] हुआ। = 2021-12-02
""",
    "ko": """
의장은 [수요일] 사임했다. = 2021-12-15
[어제] 도착했다. = 2021-12-15
[지난달] 결정했다. = 2021-11
[지난해] 결정했다. = 2020
[2021년 12월 15일] 결정했다. = 2021-12-15
[12월 3일] 결정했다. = 2021-12-03
[2주 전] 결정했다. = 2021-12-02
""",
    "sv": """
Det hände den [15 december 2021]. = 2021-12-15
""",
    "cs": """
Stalo se to [15. prosince 2021]. = 2021-12-15
""",
    "id": """
Itu terjadi pada [15 Desember 2021]. = 2021-12-15
""",
    "th": """
เมื่อวันที่ [15 ธันวาคม 2564] = 2021-12-15
""",
    "fa": """
در [۲۴ آذر ۱۴۰۰] بود. = 2021-12-15
""",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One case.

    Attributes:
        language: of the sentence.
        text: the sentence without its marks.
        start: where the phrase begins; -1 where there is none.
        end: where it ends.
        value: what it means; nothing where there is none.
    """

    language: str
    text: str
    start: int
    end: int
    value: str


def phrases() -> Iterator[Phrase]:
    for language, lines in SETS.items():
        for line in lines.strip().splitlines():
            marked, _, value = line.rpartition(" = ") if " = " in line else (line.removesuffix("="), "", "")
            start, end = marked.find("["), marked.find("]")
            text = marked.replace("[", "").replace("]", "").strip()
            yield Phrase(language, text, start, end - 1 if end >= 0 else -1, value.strip())
