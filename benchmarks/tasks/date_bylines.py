"""Pages that show their date to people only: one function a template. What is true stands in what it returns."""

from __future__ import annotations

from datetime import timedelta

from tasks.date_pages import BY, Made, Story, family, page, teasers

ALL = "en de fr es pt it ru pl nl tr ar hi cs sv fi el uk id th ja zh ko"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
NAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


@family(ALL)
def table_byline(s: Story) -> Made:
    html = (
        f'<html lang="{s.language}"><head><title>{s.title}</title></head><body><table><tr><td><a href="/">Home</a></td><td>'
        f"<font size=5>{s.title}</font><br><font size=2>{BY[s.language]} Ada Tern, {s.worded()}</font><br><br>"
        f"<font size=3>{'The council sat until late and spoke of lamps. ' * 12}</font></td></tr></table></body></html>"
    )
    return s.url, html, s.day, False, False


@family(ALL)
def headline_line(s: Story) -> Made:
    return s.url, page(s, "", f"<h1>{s.title}</h1><p>{s.worded()} {s.at:%H:%M}</p>"), s.day, True, False


@family(ALL)
def classed_byline(s: Story) -> Made:
    shown = f'<div class="article-meta"><span class="author">{BY[s.language]} Ada Tern</span> <span class="date">{s.worded()}</span></div>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}", "", teasers(s, -3, -9)), s.day, False, False


@family(ALL)
def untold_language(s: Story) -> Made:
    shown = f'<div class="post-date">{s.worded()}</div>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}", lang=None), s.day, False, False


@family()
def line_above_the_headline(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<div class="kicker">Town · {s.worded()}</div><h1>{s.title}</h1>'),
        s.day,
        False,
        False,
    )


@family("de fr it pl ru pt cs fi")
def dotted(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><div class="info">{s.day:%d.%m.%Y}, {s.at:%H:%M} | Ada Tern</div>'),
        s.day,
        True,
        False,
    )


@family("de fr it pl nl")
def dotted_short_year(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><div class="datum">{s.day:%d.%m.%y} - {s.at:%H.%M} Uhr</div>'),
        s.day,
        True,
        False,
    )


@family("en")
def slashed_american(s: Story) -> Made:
    return (
        s.url,
        page(
            s,
            "",
            f'<h1>{s.title}</h1><span class="date">{s.day:%m/%d/%Y} {s.at:%I:%M %p} EST</span>',
            lang="en-US",
        ),
        s.day,
        True,
        True,
    )


@family("en")
def slashed_british(s: Story) -> Made:
    url = s.url.replace(".com/", ".co.uk/")
    return (
        url,
        page(s, "", f'<h1>{s.title}</h1><span class="date">{s.day:%d/%m/%Y}</span>', lang="en-GB"),
        s.day,
        False,
        False,
    )


@family("en")
def slashed_told_by_comments(s: Story) -> Made:
    after = f'<div class="comments"><p>Bo, {s.other(9):%d/%m/%Y}</p><p>Cy, 28/11/2025</p></div>'
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><span class="date">{s.day:%d/%m/%Y}</span>', "", after),
        s.day,
        False,
        False,
    )


@family("fr es pt it")
def slashed_latin(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><span class="fecha">{s.day:%d/%m/%Y} {s.at:%H}h{s.at:%M}</span>'),
        s.day,
        True,
        False,
    )


@family("en")
def cnn_like(s: Story) -> Made:
    shown = f'<p class="timestamp">Updated {s.at + timedelta(hours=3):%I:%M %p} EST, {s.other(1):%a %B %d, %Y}</p>'
    shown = f'<p class="update-time">Published {s.at:%I:%M %p} EST, {s.at:%a %B %d, %Y}</p>{shown}'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, True, True


@family("en")
def published_and_updated_in_one_line(s: Story) -> Made:
    shown = f'<div class="dates">Updated: {s.other(2):%d %B %Y} | Published: {s.day:%d %B %Y}</div>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, False, False


@family("de")
def stand_and_published(s: Story) -> Made:
    shown = f'<p class="date">Aktualisiert am {s.worded(s.other(5))}</p><p class="date">Veröffentlicht am {s.worded()}, {s.at:%H:%M} Uhr</p>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, True, False


@family("en fr es de")
def elementor(s: Story) -> Made:
    shown = (
        '<div class="elementor-element elementor-widget elementor-widget-post-info"><div class="elementor-widget-container"><ul>'
        f'<li class="elementor-icon-list-item" itemprop="datePublished"><span class="elementor-post-info__item--type-date">{s.worded()}</span>'
        "</li></ul></div></div>"
    )
    return (
        s.url,
        page(s, "", f'<div class="elementor-widget"><h1>{s.title}</h1></div>{shown}'),
        s.day,
        False,
        False,
    )


@family("ar")
def arabic_digits(s: Story) -> Made:
    return (
        s.url,
        page(
            s, "", f'<h1>{s.title}</h1><div class="date">{s.worded().translate(ARABIC)} - {s.at:%H:%M}</div>'
        ),
        s.day,
        True,
        False,
    )


@family("hi")
def indian_digits(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><div class="date">{s.worded().translate(NAGARI)}</div>'),
        s.day,
        False,
        False,
    )


@family("ja")
def japanese_era(s: Story) -> Made:
    year = s.day.year
    era = f"令和{year - 2018}年" if year >= 2020 else f"平成{year - 1988}年"
    era = era if year != 2019 else f"{year}年"
    return (
        s.url,
        page(s, "", f"<h1>{s.title}</h1><p>{era}{s.day.month}月{s.day.day}日</p>"),
        s.day,
        False,
        False,
    )
