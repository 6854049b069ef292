# ruff: noqa: RUF001, ISC004 - typographic marks are what texts hold; long sentences go over two lines
"""Hard sentences and who is named in them: text → {name: (type, mentions)}. All people and events are invented."""

from __future__ import annotations

HARD: tuple[tuple[str, dict[str, tuple[str, int]]], ...] = (
    (
        "Kiev may try to buy time, said Dr. Marta Kowalczyk. Kowalczyk teaches in Poland.",
        {"Kyiv": ("place", 1), "Marta Kowalczyk": ("person", 2), "Poland": ("place", 1)},
    ),
    (
        "MOSCOW (AP) — Russian President Viktor Sedov met Chinese President Qin Haoran on Monday. Sedov thanked Haoran, "
        "and Qin smiled.",
        {
            "Moscow": ("place", 1),
            "Russian": ("other", 1),
            "Viktor Sedov": ("person", 2),
            "Chinese": ("other", 1),
            "Qin Haoran": ("person", 3),
        },
    ),
    (
        "The United States will not pay, the U.S. Treasury said. A US official had promised it.",
        {"United States": ("place", 2), "Treasury Department": ("organisation", 1)},
    ),
    (
        "The World Health Organization (WHO) sent doctors to Chad. WHO officials arrived in N'Djamena on Friday.",
        {"World Health Organization": ("organisation", 3), "Chad": ("place", 1), "N'Djamena": ("place", 1)},
    ),
    (
        "The Northern Grain Council (NGC) raised its forecast. The NGC's chairman, Paul Okafor, was cautious.",
        {"Northern Grain Council": ("organisation", 3), "Paul Okafor": ("person", 1)},
    ),
    (
        "Helen Marlow and her brother Peter Marlow both ran. Marlow won by nine votes.",
        {"Helen Marlow": ("person", 1), "Peter Marlow": ("person", 1), "Marlow": ("person", 1)},
    ),
    (
        "Mr. Brandt's lawyers said Thomas Brandt would appeal. Brandt's trial in Berlin ended in May.",
        {"Thomas Brandt": ("person", 3), "Berlin": ("place", 1)},
    ),
    (
        "Basketball player Michael Jordan visited a school. Jordan signed shirts for an hour.",
        {"Michael Jordan": ("person", 2)},
    ),
    (
        "The king flew from Jordan to Kuwait, officials in Amman said.",
        {"Jordan": ("place", 1), "Kuwait": ("place", 1), "Amman": ("place", 1)},
    ),
    (
        "LONDON, Dec 15 (Reuters) - Britain's Home Secretary Alice Penhale resigned. Penhale blamed the UK press.",
        {"London": ("place", 1), "United Kingdom": ("place", 2), "Alice Penhale": ("person", 2)},
    ),
    (
        "Russians and Ukrainians queued at the Polish border while Moscow and Warsaw argued.",
        {
            "Russian": ("other", 1),
            "Ukrainian": ("other", 1),
            "Polish": ("other", 1),
            "Moscow": ("place", 1),
            "Warsaw": ("place", 1),
        },
    ),
    (
        "China's Foreign Ministry protested. The Russian Foreign Ministry did not answer.",
        {
            "China": ("place", 1),
            "Foreign Ministry": ("organisation", 1),
            "Russian Foreign Ministry": ("organisation", 1),
        },
    ),
    (
        "Ursula von der Heide spoke in Brussels. Von der Heide, who leads the European Commission, was applauded. "
        "“We agree,” said von der Heide.",
        {
            "Ursula von der Heide": ("person", 3),
            "Brussels": ("place", 1),
            "European Commission": ("organisation", 1),
        },
    ),
    (
        "Joseph R. Calloway was sworn in. Joe Calloway, 61, is a farmer. President Calloway spoke for ten minutes.",
        {"Joseph R. Calloway": ("person", 3)},
    ),
    (
        "SEDOV MEETS QIN IN BEIJING\n\nViktor Sedov landed in Beijing on Tuesday to meet Qin Haoran.",
        {"Viktor Sedov": ("person", 2), "Qin Haoran": ("person", 2), "Beijing": ("place", 2)},
    ),
    (
        "Uyghur Muslims in Xinjiang asked the U.N. for help; the United Nations said it would look into it.",
        {"Uyghur Muslims": ("other", 1), "Xinjiang": ("place", 1), "United Nations": ("organisation", 2)},
    ),
    (
        "Delegates praised Russia-China trade, and NATO's envoy to Georgia listened.",
        {
            "Russia": ("place", 1),
            "China": ("place", 1),
            "NATO": ("organisation", 1),
            "Georgia": ("place", 1),
        },
    ),
    (
        "Officials met in The Hague. The Netherlands hosts the International Criminal Court, and the ICC ruled.",
        {
            "The Hague": ("place", 1),
            "Netherlands": ("place", 1),
            "International Criminal Court": ("organisation", 2),
        },
    ),
    (
        "Kim Tae-yang opened the plant near Seoul. Kim said South Korea needs chips.",
        {"Kim Tae-yang": ("person", 2), "Seoul": ("place", 1), "South Korea": ("place", 1)},
    ),
    (
        "Acme Motors shares fell after Acme Motors Inc. cut its outlook, according to the Bank of China.",
        {"Acme Motors Inc.": ("organisation", 2), "Bank of China": ("organisation", 1)},
    ),
    (
        "Dmitry Zarubin was freed on Sunday. Dmitri Zarubin's wife, Olga Zarubina, waited in Minsk.",
        {"Dmitry Zarubin": ("person", 2), "Olga Zarubina": ("person", 1), "Minsk": ("place", 1)},
    ),
    (
        "Sen. Maria Ortega said the Senate would vote. “Ortega is wrong,” said Rep. Dean Whitlock of Texas.",
        {
            "Maria Ortega": ("person", 2),
            "Senate": ("organisation", 1),
            "Dean Whitlock": ("person", 1),
            "Texas": ("place", 1),
        },
    ),
    (
        "In Côte d’Ivoire and Türkiye, prices rose. Ivory Coast and Turkey import wheat.",
        {"Ivory Coast": ("place", 2), "Turkey": ("place", 2)},
    ),
    (
        "Anna Lindqvist waves to supporters in Stockholm. Photo by Erik Holm / AFP via Getty Images",
        {"Anna Lindqvist": ("person", 1), "Stockholm": ("place", 1), "Erik Holm": ("person", 1)},
    ),
    (
        "President Emmanuel Dufour of France called Chancellor Greta Vogel. Dufour told Vogel that Paris would wait.",
        {
            "Emmanuel Dufour": ("person", 2),
            "France": ("place", 1),
            "Greta Vogel": ("person", 2),
            "Paris": ("place", 1),
        },
    ),
    (
        "the ministers of russia and ukraine met in istanbul, where they talked about wheat for several hours.",
        {"Russia": ("place", 1), "Ukraine": ("place", 1), "Istanbul": ("place", 1)},
    ),
    (
        "SPRINGFIELD, Ill. (AP) - A barn burned down. Sheriff Walt Hoskins said nobody was hurt. Hoskins asked for help.",
        {"Springfield": ("place", 1), "Illinois": ("place", 1), "Walt Hoskins": ("person", 2)},
    ),
    (
        "KYIV, Ukraine — Ukrainian forces held the town, the Associated Press reported.",
        {
            "Kyiv": ("place", 1),
            "Ukraine": ("place", 1),
            "Ukrainian": ("other", 1),
            "Associated Press": ("organisation", 1),
        },
    ),
)
