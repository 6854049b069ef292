"""News pages of our own invention, 50 to 120 kB each, the same for the same seed. Pure.

A page has what pages have: navigation, teasers, related links, scripts, styles, a byline, figures, comments, and on
some JSON-LD and Open Graph. Texts vary in length and words; one page in eight reprints most of an earlier one, and
pages of one story share its names, so that sameness and stories have work to do.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from html import escape

import words as w

SEED = 20211215
STORIES = 9
"""One page in so many begins a new story."""
REPRINTS = 8
"""One page in so many reprints most of an earlier one."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the pages of one story have in common."""

    people: tuple[str, ...]
    places: tuple[str, ...]
    bodies: tuple[str, ...]
    nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """One page.

    Attributes:
        path: its path and query, unlike any other's.
        html: the page.
        paragraphs: the article's text in it.
    """

    path: str
    html: str
    paragraphs: tuple[str, ...]


def story(chance: random.Random) -> Story:
    """Names and nouns of a story."""
    people = tuple(f"{chance.choice(w.FIRST)} {chance.choice(w.LAST)}" for _ in range(4))
    return Story(
        people,
        tuple(chance.sample(w.PLACES, 3)),
        tuple(chance.sample(w.BODIES, 3)),
        tuple(chance.sample(w.NOUNS, 25)),
    )


def noun(chance: random.Random, told: Story) -> str:
    """A noun, often one of the story's, often with an adjective."""
    word = chance.choice(told.nouns if chance.random() < 0.3 else w.NOUNS)
    return f"{chance.choice(w.ADJECTIVES)} {word}" if chance.random() < 0.55 else word


def who(chance: random.Random, told: Story) -> str:
    """Who acts."""
    kind = chance.random()
    if kind < 0.22:
        person = chance.choice(told.people)
        return person if chance.random() < 0.5 else person.split()[-1]
    if kind < 0.45:
        return f"the {chance.choice(told.bodies if chance.random() < 0.7 else w.BODIES)}"
    return f"{chance.choice(('the', 'a', 'this', 'every', 'no', 'another'))} {noun(chance, told)}"


def where(chance: random.Random, told: Story) -> str:
    """A place, a time or a thing."""
    kind = chance.random()
    if kind < 0.25:
        return f"in {chance.choice(told.places if chance.random() < 0.7 else w.PLACES)}"
    if kind < 0.4:
        return f"on {chance.choice(w.DAYS)}"
    if kind < 0.5:
        return f"in {chance.choice(w.MONTHS)} {chance.randint(1998, 2021)}"
    return f"{chance.choice(w.PREPOSITIONS)} the {noun(chance, told)}"


def sentence(chance: random.Random, told: Story) -> str:
    """One sentence."""
    clause = f"{who(chance, told)} {chance.choice(w.VERBS)} the {noun(chance, told)} {where(chance, told)}"
    if chance.random() < 0.5:
        clause += (
            f", {chance.choice(w.LINKS)} {who(chance, told)} {chance.choice(w.VERBS)} {who(chance, told)}"
        )
    if chance.random() < 0.25:
        clause += f" {chance.choice(w.TAILS)}"
    if chance.random() < 0.2:
        clause += f" for {chance.randint(2, 900)} {chance.choice(('million crowns', 'days', 'households', 'tonnes'))}"
    text = clause[0].upper() + clause[1:]
    return f"\u201c{text},\u201d said {chance.choice(told.people)}." if chance.random() < 0.12 else f"{text}."


def article(chance: random.Random, told: Story) -> list[str]:
    """The paragraphs of an article: 12 to 90, most near 25."""
    count = max(12, min(90, int(chance.lognormvariate(3.15, 0.45))))
    return [" ".join(sentence(chance, told) for _ in range(chance.randint(1, 3))) for _ in range(count)]


def title(chance: random.Random, told: Story) -> str:
    """A headline."""
    name = chance.choice((*told.bodies, *told.people)).removeprefix("the ")
    return f"{name} {chance.choice(w.VERBS)} {noun(chance, told)} {where(chance, told)}"


def make(seed: int, count: int, bases: tuple[str, ...]) -> list[Made]:
    """Pages for these sites, page number ``n`` for site ``n % len(bases)``."""
    stories: list[Story] = []
    made: list[Made] = []
    for number in range(count):
        chance = random.Random(f"{seed}:{number}")
        if not stories or number % STORIES == 0:
            stories.append(story(chance))
        told = chance.choice(stories[-6:])
        paragraphs = article(chance, told)
        if number % REPRINTS == REPRINTS - 1:
            other = list(chance.choice(made[-40:]).paragraphs)
            cut = int(len(other) * chance.uniform(0.6, 1.0))
            paragraphs = [*other[:cut], *paragraphs[: chance.randint(0, 4)]]
        made.append(page(chance, number, told, paragraphs, bases[number % len(bases)]))
    return made


def page(chance: random.Random, number: int, told: Story, paragraphs: list[str], base: str) -> Made:
    """One page as its site shows it."""
    site = random.Random(base)  # a site's pages look alike
    name = f"The {site.choice(w.PLACES)} {site.choice(('Courier', 'Post', 'Observer', 'Ledger', 'Mercury'))}"
    head = title(chance, told)
    day, month = chance.randint(1, 28), chance.randint(1, 12)
    when = f"2021-{month:02}-{day:02}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00+01:00"
    slug = "-".join(head.lower().replace(".", "").split()[:9])
    path = f"/2021/{month:02}/{slug}-{number}.html"
    author = f"{chance.choice(w.FIRST)} {chance.choice(w.LAST)}"
    html = "\n".join(
        [
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(head)} | {name}</title>',
            _meta(chance, head, base + path, when, name, author, paragraphs[0]),
            f"<style>{_style(site)}</style>{_scripts(chance, 4, 2500)}</head><body class='{site.choice(CLASSES)}'>",
            _header(chance, name, told),
            _body(chance, site, head, author, (day, month), paragraphs),
            _aside(chance),
            _comments(chance, told) if chance.random() < 0.4 else "",
            _footer(name),
            f"{_scripts(chance, chance.randint(3, 9), 3000)}</body></html>",
        ]
    )
    return Made(path, html, tuple(paragraphs))


CLASSES = ("story-page", "l-article", "single post-template", "article--standard", "page page--news")


def _meta(chance: random.Random, head: str, url: str, when: str, name: str, author: str, lead: str) -> str:
    found = [f'<meta name="viewport" content="width=device-width"><link rel="canonical" href="{url}">']
    found += [f'<link rel="preload" as="font" href="/fonts/{n}.woff2">' for n in range(6)]
    if chance.random() < 0.8:
        values = {"title": head, "type": "article", "url": url, "site_name": name, "description": lead[:180]}
        found += [f'<meta property="og:{key}" content="{escape(value)}">' for key, value in values.items()]
    if chance.random() < 0.5:
        found.append(f'<meta property="article:published_time" content="{when}">')
    if chance.random() < 0.6:
        node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": head}
        more = {"datePublished": when, "mainEntityOfPage": url, "author": {"@type": "Person", "name": author}}
        publisher = {"publisher": {"@type": "Organization", "name": name}}
        found.append(f'<script type="application/ld+json">{json.dumps(node | more | publisher)}</script>')
    return "\n".join(found)


def _style(site: random.Random) -> str:
    rules = [
        f".c{site.randrange(10**6)}-{site.choice(w.NOUNS)}{{margin:{site.randint(0, 40)}px;color:#{site.randrange(4096):03x}}}"
        for _ in range(site.randint(120, 260))
    ]
    return "\n".join(rules)


def _scripts(chance: random.Random, count: int, most: int) -> str:
    found = []
    for _ in range(count):
        lines = [
            f'window["{chance.choice(w.NOUNS)}_{chance.randrange(999)}"]=function(a,b){{return a.push({chance.random()},b)}};'
            for _ in range(chance.randint(8, most // 80))
        ]
        found.append(f"<script>{''.join(lines)}</script>")
    return "".join(found)


def _header(chance: random.Random, name: str, told: Story) -> str:
    links = "".join(
        f'<li class="nav-item"><a href="/{s.lower()}/" data-track="nav">{s}</a><ul>'
        + "".join(f'<li><a href="/{s.lower()}/{n}/">{n.title()}</a></li>' for n in chance.sample(w.NOUNS, 7))
        + "</ul></li>"
        for s in w.SECTIONS
    )
    trending = "".join(f'<a class="tag" href="/topic/{n}/">{n}</a> ' for n in told.nouns[:8])
    return f'<header><a href="/"><b>{name}</b></a><nav><ul>{links}</ul></nav><div class="trending">{trending}</div></header>'


def _body(
    chance: random.Random,
    site: random.Random,
    head: str,
    author: str,
    day: tuple[int, int],
    paragraphs: list[str],
) -> str:
    block = site.choice(("article", "main", 'div class="article-body"', 'div itemprop="articleBody"'))
    wrapped = site.random() < 0.4
    date = f"{day[0]} {w.MONTHS[day[1] - 1]} 2021"
    stamp = (
        f'<time datetime="2021-{day[1]:02}-{day[0]:02}">{date}</time>'
        if chance.random() < 0.6
        else f"<span>{date}</span>"
    )
    parts = [
        f"<{block}><h1>{escape(head)}</h1><p class='byline'>By <a rel='author' href='/by/x'>{author}</a> {stamp}</p>"
    ]
    for number, text in enumerate(paragraphs):
        shown = escape(text)
        if chance.random() < 0.35:
            word = chance.choice(text.split()[1:])
            shown = shown.replace(f" {escape(word)} ", f' <a href="/topic/{number}">{escape(word)}</a> ', 1)
        parts.append(
            f'<div class="block block--text" data-n="{number}"><p>{shown}</p></div>'
            if wrapped
            else f"<p>{shown}</p>"
        )
        if number % 7 == 3:
            parts.append(f'<div class="ad-slot" id="ad{number}"><span>Advertisement</span></div>')
        if number % 11 == 5:
            parts.append(f"<h2>{' '.join(chance.sample(w.NOUNS, 3)).capitalize()}</h2>")
        if number % 13 == 2:
            parts.append(
                f'<figure><img src="/i/{number}.jpg" srcset="/i/{number}-2.jpg 2x" alt="">'
                f"<figcaption>A {chance.choice(w.NOUNS)} in {chance.choice(w.PLACES)}. Photograph: {author}</figcaption></figure>"
            )
    return "\n".join([*parts, f"</{block.split()[0]}>"])


def _aside(chance: random.Random) -> str:
    other = story(chance)
    teasers = "".join(_teaser(chance, other, n) for n in range(chance.randint(30, 80)))
    read = "".join(
        f'<li class="rank__item" data-rank="{n}"><span class="rank__n">{n}</span><a href="/r/{n}.html">{escape(title(chance, other))}</a></li>'
        for n in range(1, 16)
    )
    share = "".join(
        f'<li><a class="share share--{n}" href="/share/{n}"><svg><path d="{ICON}"/></svg><i>{n}</i></a></li>'
        for n in "abcdef"
    )
    return (
        f'<ul class="share-bar">{share}</ul><aside class="related"><h2>More on this</h2><div class="grid">{teasers}</div>'
        f'<div class="rank"><h2>Most read</h2><ol>{read}</ol></div></aside>'
    )


ICON = "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2zm0 18c-4.41 0-8-3.59-8-8s3.59-8 8-8 8 3.59 8 8-3.59 8-8 8z"


def _teaser(chance: random.Random, other: Story, number: int) -> str:
    return (
        f'<div class="grid__cell grid__cell--{number % 4}"><div class="teaser" data-id="{chance.randrange(10**9)}">'
        f'<a class="teaser__link" href="/2021/{number:02}/{chance.randrange(10**7)}.html"><div class="teaser__media">'
        f'<picture><source srcset="/t/{number}.webp 1x, /t/{number}-2.webp 2x" type="image/webp">'
        f'<img loading="lazy" src="/t/{number}.jpg" width="320" height="180" alt=""></picture></div>'
        f'<h3 class="teaser__title"><span>{escape(title(chance, other))}</span></h3></a>'
        f'<p class="teaser__lead">{escape(sentence(chance, other)[:90])}</p><div class="teaser__foot">'
        f'<span class="meta">{chance.randint(2, 59)} minutes ago</span><span class="meta meta--section">'
        f'<a href="/{chance.choice(w.SECTIONS).lower()}/">{chance.choice(w.SECTIONS)}</a></span></div></div></div>'
    )


def _comments(chance: random.Random, told: Story) -> str:
    found = "".join(
        f'<div class="comment" id="c{n}"><b>{chance.choice(w.FIRST).lower()}{n}</b><p>{escape(sentence(chance, told))}</p></div>'
        for n in range(chance.randint(5, 40))
    )
    return f'<section id="comments" class="comments"><h2>Comments</h2>{found}</section>'


def _footer(name: str) -> str:
    links = "".join(f'<li><a href="/about/{s.lower()}">{s}</a></li>' for s in (*w.SECTIONS, *w.PLACES))
    return f"<footer><ul>{links}</ul><p>Copyright {name}. All rights reserved.</p></footer>"


BRIEF = "<html lang='en'><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"


def briefs(seed: int, bases: tuple[str, ...]) -> list[Made]:
    """A short page for each site: what warms a service up."""
    made = []
    for number, _ in enumerate(bases):
        chance = random.Random(f"{seed}:brief:{number}")
        told = story(chance)
        text = " ".join(sentence(chance, told) for _ in range(6))
        head = title(chance, told)
        made.append(Made(f"/brief/{number}.html", BRIEF.format(escape(head), escape(text)), (text,)))
    return made
