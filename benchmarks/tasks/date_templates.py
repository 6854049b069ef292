"""Pages of content systems, old and new: one function a template. What is true stands in what it returns."""

from __future__ import annotations

from datetime import UTC, timedelta

from tasks.date_pages import BY, Made, Story, family, ld, meta, news, page


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
def utc_address_local_json(s: Story) -> Made:
    url = f"https://{s.host}/{s.at.astimezone(UTC):%Y/%m/%d}/{s.slug}"
    return url, page(s, ld(news(s, url=url, datePublished=s.local))), s.day, True, True
