"""Pages where something else looks like the date: one function a template. What is true stands in what it returns."""

from __future__ import annotations

from tasks.date_pages import Made, Story, family, ld, meta, news, page, teasers


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


@family()
def trap_microdata_in_comments(s: Story) -> Made:
    row = f'<div class="comment" itemscope><meta itemprop="datePublished" content="{s.other(3)}"></div>'
    shown = f'<h1>{s.title}</h1><meta itemprop="datePublished" content="{s.local}">'
    return s.url, page(s, "", shown, f'<div class="recent-comments">{row}</div>', row), s.day, True, True


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
