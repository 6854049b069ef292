"""The families of pages: one function a template. What is true stands in what it returns."""

from __future__ import annotations

from datetime import UTC, timedelta

from tasks.date_pages import BY, Made, Story, family, ld, meta, news, page

ALL = "en de fr es pt it ru pl nl tr ar hi cs sv fi el uk id th ja zh ko"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
NAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def teasers(story: Story, *days: int, tag: str = "section", name: str = "related") -> str:
    rows = "".join(
        f'<li><a href="/n/{n}">Another tale {n}</a> <span class="date">{story.worded(story.other(n))}</span></li>'
        for n in days
    )
    return f'<{tag} class="{name}"><h3>More</h3><ul>{rows}</ul></{tag}>'


# Content systems


@family()
def wordpress_yoast(s: Story) -> Made:
    graph = {"@context": "https://schema.org", "@graph": [
        {"@type": "WebSite", "@id": f"https://{s.host}/#website", "url": f"https://{s.host}/", "name": "Courier"},
        {"@type": "WebPage", "@id": s.url, "url": s.url, "datePublished": s.utc, "dateModified": s.utc},
        {"@type": "Article", "@id": f"{s.url}#article", "isPartOf": {"@id": s.url}, "datePublished": s.utc, "dateModified": s.utc},
        {"@type": "BreadcrumbList", "itemListElement": []}]}  # fmt: skip
    shown = f'<div class="entry-meta"><time class="entry-date published" datetime="{s.local}">{s.worded()}</time></div>'
    return (
        s.url,
        page(s, ld(graph) + meta("article:published_time", s.utc), f"<h1>{s.title}</h1>{shown}"),
        s.day,
        True,
        True,
    )


@family()
def wordpress_utc_visible_day(s: Story) -> Made:
    shown = f'<div class="entry-meta"><span class="posted-on">{s.worded()}</span></div>'
    return (
        s.url,
        page(s, meta("article:published_time", s.utc), f"<h1>{s.title}</h1>{shown}"),
        s.day,
        True,
        True,
    )


@family()
def wordpress_dated_address_utc(s: Story) -> Made:
    url = f"https://{s.host}/{s.day:%Y/%m/%d}/{s.slug}/"
    return url, page(s, ld(news(s, url=url, datePublished=s.utc)), f"<h1>{s.title}</h1>"), s.day, True, True


@family("de fr it pl cs sv ja ko hi th")
def utc_of_one_country(s: Story) -> Made:
    return s.url, page(s, ld(news(s, datePublished=s.utc, dateModified=s.utc))), s.day, True, True


@family()
def utc_beside_local(s: Story) -> Made:
    head = ld(news(s, datePublished=s.utc)) + meta(
        "article:modified_time", (s.at + timedelta(hours=2)).isoformat()
    )
    return s.url, page(s, head), s.day, True, True


@family()
def utc_with_visible_clock(s: Story) -> Made:
    shown = f'<p class="published">{s.worded()} {s.at:%H:%M}</p>'
    return s.url, page(s, ld(news(s, datePublished=s.utc)), f"<h1>{s.title}</h1>{shown}"), s.day, True, True


@family()
def drupal_microdata(s: Story) -> Made:
    shown = (
        f'<div class="submitted"><span property="dc:date dc:created" content="{s.local}" datatype="xsd:dateTime">'
        f'<time itemprop="datePublished" datetime="{s.local}">{s.worded()}</time></span></div>'
    )
    return (
        s.url,
        page(s, meta("Generator", "Drupal 8", "name"), f'<h1 itemprop="headline">{s.title}</h1>{shown}'),
        s.day,
        True,
        True,
    )


@family()
def drupal_dc(s: Story) -> Made:
    return (
        s.url,
        page(s, meta("dcterms.date", s.local, "name") + meta("dcterms.modified", s.local, "name")),
        s.day,
        True,
        True,
    )


@family()
def blogger(s: Story) -> Made:
    url = f"https://tales{s.number}.blogspot.com/{s.day:%Y/%m}/{s.slug[:30]}.html"
    article = (
        f'<h2 class="date-header"><span>{s.worded()}</span></h2><h3 class="post-title">{s.title}</h3>'
        f'<abbr class="published" itemprop="datePublished" title="{s.local}">{s.at:%H:%M}</abbr>'
    )
    return url, page(s, "", article), s.day, True, True


@family("en es fr pt de")
def medium_like(s: Story) -> Made:
    head = meta("article:published_time", s.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    shown = (
        f'<h1>{s.title}</h1><div class="author-meta">Ada Tern · <span>{s.worded()}</span> · 4 min read</div>'
    )
    return s.url, page(s, head, shown), s.day, True, True


@family()
def amp(s: Story) -> Made:
    head = f'<link rel="canonical" href="{s.url}">' + ld(news(s, datePublished=s.local, dateModified=s.local))
    return f"https://amp.{s.host}/amp/{s.slug}", page(s, head), s.day, True, True


@family()
def agency_meta(s: Story) -> Made:
    head = meta("pubdate", s.at.strftime("%a, %d %b %Y %H:%M:%S %z"), "name") + meta(
        "DC.date.issued", s.local, "name"
    )
    return s.url, page(s, head), s.day, True, True


@family()
def parsely(s: Story) -> Made:
    return s.url, page(s, meta("parsely-pub-date", s.utc, "name") + meta("parsely-title", s.title, "name"),
                       f'<h1>{s.title}</h1><div class="story-date">{s.worded()}</div>'), s.day, True, True  # fmt: skip


@family()
def json_epoch_milliseconds(s: Story) -> Made:
    return s.url, page(s, ld(news(s, datePublished=str(round(s.at.timestamp() * 1000)))),
                       f'<h1>{s.title}</h1><div class="date">{s.worded()}</div>'), s.day, True, True  # fmt: skip


@family()
def json_worded(s: Story) -> Made:
    return s.url, page(s, ld(news(s, datePublished=s.worded()))), s.day, False, False


@family()
def json_naive(s: Story) -> Made:
    return s.url, page(s, ld(news(s, datePublished=f"{s.at:%Y-%m-%d %H:%M:%S}"))), s.day, True, False


@family()
def json_space_before_colon(s: Story) -> Made:
    block = f'<script type="application/ld+json; charset=utf-8">{{"@type" : "NewsArticle", "datePublished" : "{s.local}"}}</script>'
    return s.url, page(s, block), s.day, True, True


@family()
def json_broken(s: Story) -> Made:
    block = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"The "old" one","datePublished":"{s.local}",}}</script>'
    return s.url, page(s, block), s.day, True, True


@family()
def program_state(s: Story) -> Made:
    script = f'<script>window.__STATE__={{"article":{{"id":7,"publishedAt":"{s.local}","updatedAt":"{s.local}"}}}};</script>'
    return s.url, page(s, "", "", "", script), s.day, True, True


@family()
def data_layer(s: Story) -> Made:
    script = (
        f"<script>dataLayer = [{{'pageType': 'article', 'publicationDate': '{s.day:%Y-%m-%d}'}}];</script>"
    )
    return s.url, page(s, script), s.day, False, False


# What is only seen


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


# Addresses


@family()
def address_only(s: Story) -> Made:
    return f"https://{s.host}/{s.day:%Y/%m/%d}/{s.slug}.html", page(s), s.day, False, False


@family()
def address_month_name(s: Story) -> Made:
    return f"https://{s.host}/{s.day:%Y}/{s.day:%b}/{s.day:%d}/{s.slug}".lower(), page(s), s.day, False, False


@family()
def address_compact(s: Story) -> Made:
    return f"https://{s.host}/{s.day:%Y%m%d}/{s.slug}.html", page(s), s.day, False, False


@family()
def address_begins(s: Story) -> Made:
    return f"https://{s.host}/posts/{s.day:%Y-%m-%d}-{s.slug}/", page(s), s.day, False, False


@family()
def address_and_canonical(s: Story) -> Made:
    canonical = f"https://{s.host}/{s.day:%Y/%m/%d}/{s.slug}"
    return (
        f"https://{s.host}/?p={s.number}",
        page(s, f'<link rel="canonical" href="{canonical}">'),
        s.day,
        False,
        False,
    )


@family()
def trap_event_in_address(s: Story) -> Made:
    url = f"https://{s.host}/news/fair-{s.other(40):%Y-%m-%d}"
    return (
        url,
        page(s, ld(news(s, url=url, datePublished=s.local)) + meta("article:published_time", s.local)),
        s.day,
        True,
        True,
    )


# Traps


@family()
def trap_website_created(s: Story) -> Made:
    head = ld(
        {"@type": "WebSite", "name": "Courier", "dateCreated": "1998-05-04", "datePublished": "1998-05-04"}
    )
    head += ld({"@type": "Organization", "foundingDate": "1871-02-03", "name": "Courier"}) + ld(
        news(s, datePublished=s.local)
    )
    return s.url, page(s, head), s.day, True, True


@family()
def trap_other_articles_first(s: Story) -> Made:
    others = [news(s, url=f"https://{s.host}/news/other-{n}", datePublished=str(s.other(-n))) for n in (3, 8)]
    return s.url, page(s, ld([*others, news(s, datePublished=s.local)])), s.day, True, True


@family()
def trap_comments_in_json(s: Story) -> Made:
    comment = {
        "@type": "Comment",
        "dateCreated": str(s.other(4)),
        "datePublished": str(s.other(4)),
        "text": "x",
    }
    return (
        s.url,
        page(
            s,
            ld({"@type": "Comment", "datePublished": str(s.other(2))})
            + ld(news(s, comment=[comment], datePublished=s.local)),
        ),
        s.day,
        True,
        True,
    )


@family()
def trap_video_before_article(s: Story) -> Made:
    video = {"@type": "VideoObject", "uploadDate": str(s.other(-30)), "datePublished": str(s.other(-30))}
    return s.url, page(s, ld(video) + ld(news(s, datePublished=s.local))), s.day, True, True


@family()
def trap_modified_only(s: Story) -> Made:
    head = meta("article:modified_time", str(s.other(20))) + meta("og:updated_time", str(s.other(20)))
    return (
        s.url,
        page(s, head, f'<h1>{s.title}</h1><div class="byline">{s.worded()}</div>'),
        s.day,
        False,
        False,
    )


@family()
def trap_modified_and_json(s: Story) -> Made:
    head = meta("article:modified_time", f"{s.other(20)}T10:00:00+00:00")
    return (
        s.url,
        page(s, head + ld(news(s, dateModified=f"{s.other(20)}T10:00:00Z", datePublished=s.local))),
        s.day,
        True,
        True,
    )


@family()
def trap_updated_class_first(s: Story) -> Made:
    shown = f'<time class="updated" datetime="{s.other(6)}T08:00:00Z">{s.worded(s.other(6))}</time>'
    return (
        s.url,
        page(
            s,
            "",
            f'<h1>{s.title}</h1>{shown}<time class="entry-date published" datetime="{s.local}">{s.worded()}</time>',
        ),
        s.day,
        True,
        True,
    )


@family()
def trap_related_before_article(s: Story) -> Made:
    return (
        s.url,
        page(
            s, "", f'<h1>{s.title}</h1><div class="article-date">{s.worded()}</div>', teasers(s, -2, -4, -8)
        ),
        s.day,
        False,
        False,
    )


@family()
def trap_teaser_articles(s: Story) -> Made:
    rows = "".join(
        f'<article class="card"><h3>Tale {n}</h3><time datetime="{s.other(-n)}">{s.worded(s.other(-n))}</time></article>'
        for n in (1, 5)
    )
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><time datetime="{s.local}">{s.worded()}</time>', rows, rows),
        s.day,
        True,
        True,
    )


@family()
def trap_copyright(s: Story) -> Made:
    after = '<footer><p>© 1998-2026 Courier. All rights reserved. Last change 1.1.2026</p></footer><div class="copyright">Copyright 1 January 2026</div>'
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><p class="byline">{s.worded()}</p>', "", after),
        s.day,
        False,
        False,
    )


@family()
def trap_only_copyright(s: Story) -> Made:
    return s.url, page(s, "", "", "", "<footer><p>© 2014 Courier</p></footer>"), None, False, False


@family()
def trap_clock(s: Story) -> Made:
    before = '<header><div class="today">Tuesday, March 10, 2026</div></header><div id="date-today">10.03.2026</div>'
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><p class="byline">{s.worded()}</p>', before),
        s.day,
        False,
        False,
    )


@family()
def trap_only_clock(s: Story) -> Made:
    return s.url, page(s, "", "", '<div id="top">March 10, 2026 11:58</div>'), None, False, False


@family()
def trap_events(s: Story) -> Made:
    after = f'<div class="events-list"><span class="date">{s.worded(s.other(11))}</span></div>' + ld(
        {"@type": "Event", "startDate": str(s.other(11)), "name": "Fair"}
    )
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><div class="posted">{s.worded()}</div>', "", after),
        s.day,
        False,
        False,
    )


@family()
def trap_future(s: Story) -> Made:
    return (
        s.url,
        page(
            s,
            ld(news(s, datePublished="2031-01-01T00:00:00Z")),
            f'<h1>{s.title}</h1><p class="date">{s.worded()}</p>',
        ),
        s.day,
        False,
        False,
    )


@family()
def trap_year_one(s: Story) -> Made:
    head = ld(news(s, datePublished="0001-01-01T00:00:00")) + meta(
        "article:published_time", "1970-01-01T00:00:00Z"
    )
    return s.url, page(s, head, f'<h1>{s.title}</h1><p class="date">{s.worded()}</p>'), s.day, False, False


@family()
def trap_comments(s: Story) -> Made:
    rows = "".join(
        f'<li class="comment"><time datetime="{s.other(n)}T10:00:00Z">{s.worded(s.other(n))}</time></li>'
        for n in (1, 2)
    )
    return (
        s.url,
        page(
            s,
            "",
            f'<h1>{s.title}</h1><p class="meta">{s.worded()}</p>',
            "",
            f'<ol class="commentlist">{rows}</ol>',
        ),
        s.day,
        False,
        False,
    )


@family()
def trap_old_date_in_text(s: Story) -> Made:
    text = f'<h1>{s.title}</h1><p class="byline">{s.worded()}</p><p>The first lamp was lit on {s.worded(s.other(-4000))}.</p>'
    return s.url, page(s, "", text), s.day, False, False


@family()
def trap_list_page_node(s: Story) -> Made:
    head = ld(
        {"@type": "CollectionPage", "url": f"https://{s.host}/news/", "datePublished": str(s.other(-900))}
    ) + ld(news(s, datePublished=s.local))
    return s.url, page(s, head), s.day, True, True


@family()
def trap_modified_before(s: Story) -> Made:
    head = ld(news(s, dateModified=str(s.other(-9)), datePublished=s.local))
    return s.url, page(s, head), s.day, True, True


@family()
def trap_meta_date_is_the_change(s: Story) -> Made:
    head = meta("date", f"{s.other(33)}T08:00:00+00:00", "name") + ld(news(s, datePublished=s.local))
    return s.url, page(s, head, f'<h1>{s.title}</h1><p class="date">{s.worded()}</p>'), s.day, True, True


# Old and odd templates


@family("en de fr es")
def site_name_is_the_heading(s: Story) -> Made:
    html = (
        f'<html lang="{s.language}"><head><title>Courier » {s.title}</title></head><body><div id="page"><div id="header"><h1><a href="/">Courier</a></h1>'
        f'</div><div id="content"><div class="post"><h2>{s.title}</h2><small>{s.worded()} by admin</small><div class="entry">'
        f"<p>{'The council sat until late. ' * 9}</p><p>{'Lamps were lit. ' * 9}</p></div></div></div>"
        f'<div id="sidebar"><ul><li>{s.worded(s.other(3))} Another</li></ul></div></div></body></html>'
    )
    return s.url, html, s.day, False, False


@family("en")
def kubrick(s: Story) -> Made:
    foot = (
        f'<p class="postmetadata alt"><small>This entry was posted on {s.day:%A, %B} {s.day.day}th, {s.day.year} at {s.at:%I:%M %p} and is filed under '
        "Towns. You can follow any responses to this entry through the feed.</small></p>"
    )
    return s.url, page(s, "", f"<h2>{s.title}</h2><div class='entrytext'>{foot}</div>"), s.day, True, False


@family()
def day_in_pieces(s: Story) -> Made:
    day = f"{s.day:%B}" if s.language == "en" else s.worded().split()[2 if s.language in {"es", "pt"} else 1]
    shown = f'<div class="date"><span class="day">{s.day.day}</span><span class="month">{day}</span><span class="year">{s.day.year}</span></div>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, False, False


@family("en de fr it pl ru")
def day_without_its_year(s: Story) -> Made:
    month = s.worded().split()[0 if s.language == "en" else 1]
    shown = f'<div class="post-date"><span>{s.day.day}</span> <span>{month}</span></div>'
    return (
        f"https://{s.host}/{s.day:%Y/%m}/{s.slug}/",
        page(s, "", f"{shown}<h1>{s.title}</h1>"),
        s.day,
        False,
        False,
    )


@family()
def java_clock(s: Story) -> Made:
    return (
        s.url,
        page(s, meta("publish-date", s.at.strftime("%a %b %d %H:%M:%S GMT%z %Y"), "name")),
        s.day,
        True,
        True,
    )


@family()
def packed_meta(s: Story) -> Made:
    return s.url, page(s, meta("sailthru.date", f"{s.at:%Y%m%d%H%M%S}", "name")), s.day, True, False


@family()
def header_apart(s: Story) -> Made:
    shown = f'<header class="article-header"><h1>{s.title}</h1></header><footer class="entry-footer">{BY[s.language]} Ada, {s.worded()}</footer>'
    html = f"<html lang='{s.language}'><head><title>{s.title}</title></head><body><div class='post'>{shown}<p>{'The council sat. ' * 20}</p></div></body></html>"
    return s.url, html, s.day, False, False


@family()
def aside_byline(s: Story) -> Made:
    shown = f'<aside class="article-meta">{BY[s.language]} Ada Tern <span>{s.worded()}</span></aside>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, False, False


@family()
def trap_microdata_in_comments(s: Story) -> Made:
    row = f'<div class="comment" itemscope><meta itemprop="datePublished" content="{s.other(3)}"></div>'
    shown = f'<h1>{s.title}</h1><meta itemprop="datePublished" content="{s.local}">'
    return s.url, page(s, "", shown, f'<div class="recent-comments">{row}</div>', row), s.day, True, True


@family()
def moved_with_its_markup(s: Story) -> Made:
    old = ld(
        {
            **news(s, datePublished=s.local),
            "url": f"http://old.example.net/2009/{s.number}",
            "headline": s.title,
        }
    )
    return s.url, page(s, old + meta("og:title", s.title)), s.day, True, True


@family()
def clock_icon(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f'<h1>{s.title}</h1><div class="fa fa-clock-o">{s.worded()}</div>'),
        s.day,
        False,
        False,
    )


@family()
def data_attribute(s: Story) -> Made:
    shown = f'<span class="js-ago" data-published="{s.local}">2 days ago</span>'
    return s.url, page(s, "", f"<h1>{s.title}</h1>{shown}"), s.day, True, True


@family("en")
def comma_without_a_blank(s: Story) -> Made:
    return (
        s.url,
        page(s, "", f"<h1>{s.title}</h1><div class='byline'>Posted {s.day:%b. %d,%Y} {s.at:%I:%M%p}</div>"),
        s.day,
        True,
        False,
    )


@family("en de")
def dateline_only(s: Story) -> Made:
    text = f"<h1>{s.title}</h1><p>SALTPORT, {s.worded()} (HNA) - {'The council sat until late and spoke of lamps. ' * 9}</p>"
    return s.url, page(s, "", text), s.day, False, False


@family()
def trap_address_is_a_number(s: Story) -> Made:
    url = f"https://{s.host}/news/{s.slug}-20191301-201{s.number}.html"
    return url, page(s, meta("article:published_time", s.local)), s.day, True, True


@family()
def trap_image_day(s: Story) -> Made:
    head = meta("og:image", f"https://{s.host}/images/{s.other(-700):%Y/%m/%d}/lamp.jpg")
    return (
        s.url,
        page(s, head, f'<h1>{s.title}</h1><p class="dateline">{s.worded()}</p>'),
        s.day,
        False,
        False,
    )


@family()
def trap_archive_list(s: Story) -> Made:
    before = "".join(
        f"<div class='menu-item'><a href='/n{n}'>Tale {n}</a> {s.worded(s.other(-n))}</div>"
        for n in (2, 4, 6)
    )
    return (
        s.url,
        page(
            s,
            "",
            f'<h1>{s.title}</h1><div class="publish-date">{s.worded()}</div>',
            f"<div class='menu'>{before}</div>",
        ),
        s.day,
        False,
        False,
    )


@family()
def trap_meta_twice(s: Story) -> Made:
    head = meta("article:published_time", s.local) + meta(
        "article:published_time", f"{s.other(-80)}T10:00:00Z"
    )
    return s.url, page(s, head), s.day, True, True


@family()
def trap_fetch_clock_in_meta(s: Story) -> Made:
    head = meta("date", "2026-03-10T12:00:03+00:00", "name") + ld(news(s, datePublished=s.local))
    return s.url, page(s, head), s.day, True, True


@family()
def trap_next_story_loaded(s: Story) -> Made:
    after = f'<article><h1>Lamps of Vardo</h1><time class="published" datetime="{s.other(1)}T10:00:00Z">{s.worded(s.other(1))}</time></article>'
    return (
        s.url,
        page(
            s,
            "",
            f'<h1>{s.title}</h1><time class="published" datetime="{s.local}">{s.worded()}</time>',
            "",
            after,
        ),
        s.day,
        True,
        True,
    )


@family()
def trap_two_conflicting(s: Story) -> Made:
    head = meta("article:published_time", f"{s.other(-60)}T10:00:00+01:00") + ld(
        news(s, datePublished=s.local)
    )
    return s.url, page(s, head, f'<h1>{s.title}</h1><p class="date">{s.worded()}</p>'), s.day, True, True


@family()
def utc_address_local_json(s: Story) -> Made:
    url = f"https://{s.host}/{s.at.astimezone(UTC):%Y/%m/%d}/{s.slug}"
    return url, page(s, ld(news(s, url=url, datePublished=s.local))), s.day, True, True
