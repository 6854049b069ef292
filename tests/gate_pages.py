"""Pages for the content gate: what is no article, by its reason, and what only looks like that. All of them are invented."""
# ruff: noqa: RUF001 - other scripts and typographic marks are the point of some pages

from __future__ import annotations

import json
from dataclasses import dataclass

ORIGIN = "https://www.example.org"


@dataclass(frozen=True)
class Sample:
    html: str
    reason: str | None = None
    url: str = ORIGIN + "/news/2026/03/harbour-story-48213"
    asked: tuple[str, ...] = ()


def page(body: str, *, title: str = "", head: str = "", lang: str = "en") -> str:
    return f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>"


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **node})}</script>'


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{t}</p>" for t in texts)


NAV = (
    "<header><nav><ul>"
    + "".join(
        f"<li><a href=/{n}>{n.title()}</a></li>" for n in ("news", "sport", "harbour", "weather", "letters")
    )
    + "</ul></nav></header>"
)
FOOTER = "<footer><p>© Harbour News</p><a href=/privacy>Privacy policy</a> <a href=/cookies>Manage preferences</a></footer>"
HEADLINES = (
    "Sea wall rises by another two metres this spring",
    "Ferry company orders three electric boats from the north",
    "Salt prices climb for the fourth month in a row",
    "Lighthouse keeper retires after forty years of storms",
    "Fishermen and mayor agree on the new quay at last",
    "School of navigation opens its doors to adults",
    "Council votes against a toll on the old bridge",
    "Whale seen between the islands for the first time",
    "Museum of knots finds a rope from the year 1702",
    "Harbour choir wins the regional prize again",
    "Storm tears the roof off the western fish hall",
    "New line of buses will connect the two shores",
    "Customs officers find a parrot in a crate of tea",
    "Divers repair the cable to the outer island",
)
WIRE = (
    "PORT ELM, March 4 (Wire) - The harbour council of Port Elm on Tuesday approved the raising of the sea wall by two metres, against the votes of the fishermen's list.",
    "Work is to begin in May and to cost 14 million crowns, treasurer Ada Tern said. The ferry to the outer islands will keep running from the southern quay.",
)
"""A wire item of 57 words."""
LONG = tuple(
    f"{text} It was the {n}th time that the council spoke of it, and the gallery was full to the last chair when the vote was taken."
    for n, text in enumerate(WIRE * 4, 4)
)


def list_of(headlines: tuple[str, ...] = HEADLINES, teaser: str = "") -> str:
    return "".join(
        f"<div class=card><h3><a href=/news/{n}>{h}</a></h3>{f'<p>{teaser}</p>' if teaser else ''}</div>"
        for n, h in enumerate(headlines)
    )


def article(
    title: str, *texts: str, head: str = "", extra: str = "", lang: str = "en", heading: str | None = None
) -> str:
    return page(
        f"{NAV}<article><h1>{heading or title}</h1>{paragraphs(*texts)}</article>{extra}{FOOTER}",
        title=f"{title} | Harbour News",
        head=head,
        lang=lang,
    )


def news(**more: object) -> str:
    return ld(
        **{"@type": "NewsArticle", "headline": "Sea wall", "datePublished": "2026-03-04T10:00:00Z", **more}
    )


BANNER = (
    "<div id=cookie-banner class=cookie-notice role=dialog><p>We use cookies and similar technologies. We and our partners process your "
    "personal data with your consent. You can change your choices at any time.</p><button>Accept all</button><button>Reject all</button></div>"
)

POSITIVES: dict[str, Sample] = {
    # bot challenges
    "cloudflare": Sample(
        page(
            "<div class=main-wrapper role=main><noscript><div id=challenge-error-text>Enable JavaScript and cookies to continue</div></noscript></div>"
            "<script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed'};}());</script>",
            title="Just a moment...",
            head='<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390">',
        ),
        "bot_challenge",
    ),
    "cloudflare block": Sample(
        page(
            "<div id=cf-wrapper><div id=cf-error-details><h1>Sorry, you have been blocked</h1><h2>You are unable to access example.org</h2>"
            "<h2>Why have I been blocked?</h2><p>This website is using a security service to protect itself from online attacks. The action you just "
            "performed triggered the security solution.</p><p>Cloudflare Ray ID: 8a1b2c3d</p><p>Performance &amp; security by Cloudflare</p></div></div>",
            title="Attention Required! | Cloudflare",
        ),
        "bot_challenge",
    ),
    "datadome": Sample(
        page(
            "<p id=cmsg>Please enable JS and disable any ad blocker</p><script>var dd={'rt':'c','cid':'AHrlq','hsh':'77','t':'fe','host':'geo.captcha-delivery.com'}</script>"
            "<script src=https://ct.captcha-delivery.com/c.js></script>",
            title="example.org",
        ),
        "bot_challenge",
    ),
    "perimeterx": Sample(
        page(
            "<div id=px-captcha></div><h1>Before we continue...</h1><p>Press &amp; Hold to confirm you are a human (and not a bot).</p><p>Reference ID 8f2c-11</p>"
            "<script>window._pxAppId='PXabc';window._pxJsClientSrc='/x/init.js';</script>",
            title="Access to this page has been denied",
        ),
        "bot_challenge",
    ),
    "akamai": Sample(
        page(
            '<h1>Access Denied</h1>You don\'t have permission to access "http://www.example.org/news" on this server.<p>Reference #18.2d3e1202.1774512.1b2c</p>'
            "<p>https://errors.edgesuite.net/18.2d3e1202</p>",
            title="Access Denied",
        ),
        "bot_challenge",
    ),
    "imperva": Sample(
        page(
            "<iframe id=main-iframe src='/_Incapsula_Resource?SWUDNSAI=31&xinfo=4-1&incident_id=77' frameborder=0>"
            "Request unsuccessful. Incapsula incident ID: 771000-118</iframe>"
        ),
        "bot_challenge",
    ),
    "unmarked, own": Sample(
        page(
            "<h1>Are you a robot?</h1><p>We have detected unusual activity from your computer network. To continue, please click the box below to let us "
            "know you're not a robot.</p>",
            title="Harbour Markets - Are you a robot?",
        ),
        "bot_challenge",
    ),
    "german challenge": Sample(
        page(
            "<h1>Sicherheitsüberprüfung</h1><p>Bitte bestätigen Sie, dass Sie kein Roboter sind, um fortzufahren.</p>",
            title="Nur einen Moment…",
            lang="de",
        ),
        "bot_challenge",
    ),
    "russian challenge": Sample(
        page(
            "<h1>Доступ ограничен</h1><p>Пожалуйста, подтвердите, что вы не робот. Включите JavaScript и файлы cookie.</p>",
            title="Ой!",
            lang="ru",
        ),
        "bot_challenge",
    ),
    # soft 404
    "english 404": Sample(
        page(
            f"{NAV}<main><h1>Page not found</h1><p>Sorry, the page you are looking for may have been moved or deleted.</p><a href=/>Return to our homepage</a></main>{FOOTER}",
            title="Page not found | Harbour News",
        ),
        "soft_404",
    ),
    "404 with popular stories": Sample(
        page(
            f"{NAV}<h1>404</h1><p>We couldn't find the page you requested. Perhaps you like one of these.</p>{list_of(HEADLINES[:8])}{FOOTER}",
            title="404 - Harbour News",
        ),
        "soft_404",
    ),
    "german 404": Sample(
        page(
            f"{NAV}<h1>Seite nicht gefunden</h1><p>Die von Ihnen gesuchte Seite gibt es nicht mehr. Vielleicht hilft Ihnen die Suche.</p>{FOOTER}",
            title="Fehler 404: Seite nicht gefunden",
            lang="de",
        ),
        "soft_404",
    ),
    "french 404 without heading": Sample(
        page(
            "<div><p>La page que vous recherchez a été déplacée ou supprimée.</p><a href=/>Retour à l'accueil</a></div>",
            title="Page introuvable - Nouvelles du port",
            lang="fr",
        ),
        "soft_404",
    ),
    "spanish 404": Sample(
        page(
            "<h1>¡Vaya! Página no encontrada</h1><p>La página que está buscando no existe. Volver a la portada.</p>",
            title="Error 404 | Diario del puerto",
            lang="es",
        ),
        "soft_404",
    ),
    "russian 404": Sample(
        page(
            "<h1>Ошибка 404</h1><p>Запрашиваемая страница не найдена или была удалена. Перейти на главную.</p>",
            title="Страница не найдена",
            lang="ru",
        ),
        "soft_404",
    ),
    "japanese 404": Sample(
        page(
            "<h1>ページが見つかりません</h1><p>お探しのページは移動または削除された可能性があります。</p><a href=/>トップページに戻る</a>",
            title="ページが見つかりません｜港新聞",
            lang="ja",
        ),
        "soft_404",
    ),
    "led to the front page": Sample(
        page(f"{NAV}<h1>Harbour News</h1>{list_of(HEADLINES[:7])}{FOOTER}", title="Harbour News"),
        "soft_404",
        ORIGIN + "/",
        (ORIGIN + "/news/2019/old-quay-burns-12345",),
    ),
    "logo as heading": Sample(
        page(
            f"{NAV}<h1>Harbour News</h1><h2>Page not found</h2><p>The page you requested is not here any more. It may have moved.</p>{list_of(HEADLINES[:6])}{FOOTER}",
            title="Page not found – Harbour News",
        ),
        "soft_404",
    ),
    # consent walls
    "english wall": Sample(
        page(
            "<div class=con-wizard><h1>Your privacy choices</h1><p>We, the Harbour family of brands, use cookies and similar technologies. We and our partners, "
            "some of them in a framework for advertising, store and/or access information on a device and process your personal data, for personalised ads and "
            "content, ad and content measurement and audience research.</p><p>If you do not want us and our partners to use cookies for these purposes, click "
            "Reject all. You can change your choices at any time with the privacy link on our sites.</p><form><button>Accept all</button><button>Reject all</button>"
            "<a href=/manage>Manage privacy settings</a></form></div>",
            title="Harbour is part of a family of brands",
        ),
        "consent_wall",
        "https://consent.example.org/v2/collectConsent?sessionId=3",
    ),
    "german pur wall": Sample(
        page(
            "<div><h2>Besuchen Sie uns wie gewohnt mit Werbung und Tracking</h2><p>Wir und unsere Partner verwenden Cookies auf Ihrem Gerät und verarbeiten "
            "Daten für personalisierte Werbung, mit Ihrer Einwilligung. Sie können Ihre Einwilligung jederzeit in der Datenschutzerklärung widerrufen.</p>"
            "<button>Akzeptieren und weiter</button><h2>Oder ohne Werbung</h2><p>Nutzen Sie unsere Seiten ohne Tracking und Werbung für 2,99 im Monat.</p></div>",
            title="Hafenblatt",
            lang="de",
        ),
        "consent_wall",
    ),
    "french wall": Sample(
        page(
            "<div><p>Avec votre accord, nous et nos partenaires utilisons des cookies et des technologies similaires pour stocker et accéder à des informations "
            "sur votre appareil, afin de diffuser des publicités et contenus personnalisés.</p><p>Vous pouvez retirer votre consentement ou modifier vos choix "
            "à tout moment via notre politique de confidentialité.</p><button>Tout accepter</button><button>Continuer sans accepter</button></div>",
            title="Nouvelles du port",
            lang="fr",
        ),
        "consent_wall",
    ),
    "dutch wall": Sample(
        page(
            "<main><h1>Je privacy</h1><p>Wij en onze partners gebruiken cookies om informatie op een apparaat op te slaan en gepersonaliseerde advertenties te tonen, "
            "met jouw toestemming.</p><p>Je kunt je toestemming altijd aanpassen in het privacybeleid.</p><button>Akkoord</button><button>Alles afwijzen</button></main>",
            title="Havenkrant",
            lang="nl",
        ),
        "consent_wall",
    ),
    # paywall teasers
    "teaser": Sample(
        article(
            "Sea wall",
            WIRE[0] + "…",
            head=news(isAccessibleForFree=False),
            extra="<div class=offer><p>Subscribe now from 1 crown a week.</p></div>",
        ),
        "paywall_teaser",
    ),
    "teaser, false as a text, part behind the wall absent": Sample(
        article(
            "Sea wall",
            *WIRE,
            head=news(
                isAccessibleForFree="False",
                hasPart={"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".paid"},
            ),
        ),
        "paywall_teaser",
    ),
    "teaser, only the part is not free": Sample(
        article(
            "Sea wall",
            *WIRE,
            head=news(
                hasPart=[{"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paid"}]
            ),
            extra="<div class=paid>Subscribe to continue reading. "
            + "Choose the plan that suits you best, by the month or by the year. " * 5
            + "</div>",
        ),
        "paywall_teaser",
    ),
    "teaser, many words are missing": Sample(
        article("Sea wall", *WIRE, head=news(isAccessibleForFree=False, wordCount=812)), "paywall_teaser"
    ),
    "teaser without markup, german": Sample(
        article(
            "Der Deich wächst",
            "Der Hafenrat hat am Dienstag beschlossen, den Deich um zwei Meter zu erhöhen, gegen die Stimmen der Fischer und nach einer langen Nacht.",
            "Exklusiv für Abonnenten: Sie haben bereits ein Abo? Dann melden Sie sich an, um diesen Artikel zu lesen.",
            lang="de",
        ),
        "paywall_teaser",
    ),
    # index pages
    "front page": Sample(
        page(
            f"{NAV}{list_of()}{FOOTER}",
            title="Harbour News",
            head='<meta property="og:type" content="website">',
        ),
        "index_page",
        ORIGIN + "/",
    ),
    "section with teasers": Sample(
        page(
            f"{NAV}<h1>Harbour</h1>{list_of(teaser='The council sat until late and spoke of salt, of ferries and of the wall that nobody wants to pay for.')}{FOOTER}",
            title="Harbour | Harbour News",
        ),
        "index_page",
        ORIGIN + "/harbour/",
    ),
    "declared collection": Sample(
        page(
            f"{NAV}<h1>All stories about the sea wall</h1>{list_of(HEADLINES[:7], 'A short look at what happened at the quay this week.')}{FOOTER}",
            title="Sea wall",
            head=ld(**{"@type": "CollectionPage"}),
        ),
        "index_page",
        ORIGIN + "/topics/sea-wall",
    ),
    "list of articles in markup": Sample(
        page(
            f"{NAV}<ul>"
            + "".join(f"<li><a href=/news/{n}>{h}</a></li>" for n, h in enumerate(HEADLINES))
            + f"</ul>{FOOTER}",
            title="Latest",
            head="".join(
                ld(**{"@type": "NewsArticle", "headline": h, "url": f"{ORIGIN}/news/{n}"})
                for n, h in enumerate(HEADLINES)
            ),
        ),
        "index_page",
        ORIGIN + "/latest",
    ),
    "chinese section": Sample(
        page(
            "<h1>港口</h1><ul>"
            + "".join(
                f"<li><a href=/{n}>港务局宣布第{n}号码头将于五月重新开放并恢复渡轮</a></li>"
                for n in range(15)
            )
            + "</ul>",
            title="港口新闻",
            lang="zh",
        ),
        "index_page",
        ORIGIN + "/gangkou/",
    ),
}

RELATED = f"<aside><h2>More</h2>{list_of()}</aside>"

NEGATIVES: dict[str, Sample] = {
    "plain article": Sample(article("Sea wall rises", *LONG)),
    "wire item of 60 words": Sample(article("Sea wall rises", *WIRE)),
    "wire item, no markup, no site around it": Sample(
        page(f"<h1>Sea wall rises</h1>{paragraphs(*WIRE)}", title="Sea wall rises")
    ),
    "wire item among related headlines": Sample(
        article("Council votes to raise the sea wall", *WIRE, extra=RELATED)
    ),
    "wire item among related headlines, marked, og website": Sample(
        article("Sea wall", *WIRE, head=news() + '<meta property="og:type" content="website">', extra=RELATED)
    ),
    "wire item, every guard's sensors": Sample(
        article(
            "Sea wall rises",
            *WIRE,
            extra="<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><script>window.__CF$cv$params={r:'8a'};</script>"
            "<script src=https://js.datadome.co/tags.js></script><script>window._pxAppId='PX1';</script><script src='/_Incapsula_Resource?SWJIYLWA=719d'></script>",
        )
    ),
    "wire item with a cookie banner": Sample(article("Sea wall rises", *WIRE, extra=BANNER)),
    "wire item with a cookie banner first": Sample(
        page(
            f"{BANNER}{NAV}<article><h1>Sea wall rises</h1>{paragraphs(*WIRE)}</article>",
            title="Sea wall rises",
        )
    ),
    "about error 404, exact title": Sample(
        article(
            "Page not found",
            "An exhibition in Port Elm collects the error pages of the early web. The curator, Bo Skua, has framed ninety of them and hung them over a "
            "blinking router in the old customs house, where visitors can send one of their own.",
            "The oldest piece dates from 1994 and consists of two words in black on grey. Admission is free on Sundays, and the catalogue costs 12 crowns "
            "at the door, he said on Tuesday.",
        )
    ),
    "about error 404, with quotations": Sample(
        article(
            "Error 404: how the web forgets its own news",
            'One link in four from the year 2013 is dead, a study by the university of Port Elm has found. Readers are told: "Sorry, the page you are looking for '
            'may have been moved or deleted." Newspapers fare worst, because each new publishing system breaks the addresses of the last.',
            "Librarians at the harbour archive now keep copies of 40,000 local articles, head archivist Ada Tern said on Tuesday.",
        )
    ),
    "title with not found in it": Sample(article("Bodies of two sailors not found", *WIRE)),
    "title 404 as a number": Sample(article("404 new homes for the harbour quarter", *WIRE)),
    "about captchas": Sample(
        article(
            "Are you a robot? The box that annoys everyone turns 25",
            "Each day people spend 500 years ticking the box marked “I am not a robot”, researchers in Port Elm estimate. Machines now solve the puzzles faster than "
            "people do, and sites still ask readers to “verify you are human” or to “enable JavaScript and cookies to continue”.",
            "Captchas will be gone in five years, said Bo Skua, who built one of the first and has come to hate the sight of traffic lights.",
        )
    ),
    "about a guard's outage": Sample(
        article(
            "Cloudflare outage takes down harbour sites",
            "Thousands of websites showed error pages on Tuesday after a fault at Cloudflare, a company that shields sites from attacks. Visitors in Port Elm saw "
            "the words “Just a moment...” for two hours. The company blamed a change in its bot management and apologised to its customers.",
            "Ferry tickets were sold on paper meanwhile, the port authority said.",
        )
    ),
    "about access denied": Sample(
        article(
            "Access denied",
            *WIRE,
            "Reporters were turned away at the gate of the shipyard, where guards spoke of a safety drill.",
        )
    ),
    "about cookies": Sample(
        article(
            "Publishers fined over cookie banners",
            "The data protection authority has fined three publishers 2 million crowns because their cookie banners gave no real choice. Consent must be as easy to "
            "refuse as to give, commissioner Ada Tern said. The sites had told readers “We value your privacy” and offered “Accept all” in green, while “Reject all” was hidden.",
            "Advertising partners received personal data before anyone had agreed, the authority found. The publishers will appeal.",
        )
    ),
    "about cookies, german": Sample(
        article(
            "Gericht kippt Cookie-Wand",
            "Das Landgericht Elmhafen hat die Cookie-Wand eines Verlags für unzulässig erklärt. Leser hätten nur zwischen Werbung mit Tracking und einem Abo wählen können, "
            "hieß es im Urteil. Die Formel „Wir und unsere Partner“ verschleiere, dass Hunderte Firmen Zugriff auf das Gerät bekämen.",
            "Eine Einwilligung sei so nicht freiwillig. Der Verlag kündigte am Dienstag Berufung an und will die Seite vorerst nicht ändern.",
            lang="de",
        )
    ),
    "about paywalls": Sample(
        article(
            "Harbour News drops its paywall after ten years",
            "Every article will be free to read from Monday, publisher Bo Skua said. The paper had asked readers to subscribe since 2016 and won 9,000 subscribers, too few "
            "to pay for its reporters. Readers often met the line “Subscribe to continue reading” and left.",
            "A foundation will pay the difference for three years. Subscribers are to get their money back, or may give it to the newsroom.",
        )
    ),
    "not free, but long": Sample(article("Sea wall rises", *LONG, head=news(isAccessibleForFree=False))),
    "not free, short and whole behind a style": Sample(
        page(
            f"{NAV}<article><h1>Sea wall rises</h1><div class='body paid'>{paragraphs(*WIRE)}</div></article>",
            title="Sea wall rises",
            head=news(
                isAccessibleForFree=False,
                hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paid"},
            ),
        )
    ),
    "not free, short, all its words are there": Sample(
        article("Sea wall rises", *WIRE, head=news(isAccessibleForFree="false", wordCount="66"))
    ),
    "free said plainly": Sample(article("Sea wall rises", *WIRE, head=news(isAccessibleForFree=True))),
    "a teaser beside it is not free": Sample(
        article(
            "Sea wall rises",
            *WIRE,
            head=news(url=ORIGIN + "/news/2026/03/harbour-story-48213")
            + ld(
                **{
                    "@type": "NewsArticle",
                    "url": ORIGIN + "/news/other-story-77777",
                    "isAccessibleForFree": False,
                }
            ),
        )
    ),
    "article with an advert for subscriptions": Sample(
        article(
            "Sea wall rises", *LONG, "Already a subscriber? Download our app for the news of the harbour."
        )
    ),
    "list of tips with links": Sample(
        article(
            "Ten walks along the coast that are worth the rain",
            *(
                f"<b>{n}. The {name} path.</b> It leads from the old pier over the cliffs to the village, takes two hours and ends at <a href=/w/{n}>an inn that fries its own fish daily</a>."
                for n, name in enumerate(
                    ("gull", "tern", "seal", "kelp", "foam", "rope", "buoy", "mast", "keel", "sail")
                )
            ),
        )
    ),
    "morning briefing with links": Sample(
        article(
            "Your morning briefing from the harbour",
            *(
                f"{h}. The paper has <a href=/n/{n}>all the details of that story here</a>, and our reporter was there when it happened in the night."
                for n, h in enumerate(HEADLINES)
            ),
        )
    ),
    "old page without paragraphs": Sample(
        page(
            "<table><tr><td><font size=5>Sea wall rises</font><br><br>"
            + "<br><br>".join(LONG)
            + "</td><td>"
            + "<br>".join(f"<a href=/{n}>{h}</a>" for n, h in enumerate(HEADLINES))
            + "</td></tr></table>",
            title="Sea wall rises",
        )
    ),
    "live blog": Sample(
        article(
            "Storm over the harbour, as it happened",
            *(f"10:{n:02d} {h}." for n, h in enumerate(HEADLINES)),
            head=ld(**{"@type": "LiveBlogPosting", "headline": "Storm"}),
            extra=RELATED,
        )
    ),
    "french wire item": Sample(
        article(
            "La digue sera relevée de deux mètres",
            "PORT-ORME (Dépêche) - Le conseil du port a décidé mardi de relever la digue de deux mètres, contre l'avis des pêcheurs. Les travaux commenceront en mai et coûteront "
            "14 millions, a précisé la trésorière. Le bac continuera de partir du quai sud pendant la durée du chantier, selon la compagnie maritime.",
            lang="fr",
        )
    ),
    "japanese wire item": Sample(
        article(
            "防潮堤をかさ上げへ",
            "エルム港の港湾評議会は火曜日、防潮堤を二メートルかさ上げすることを決めた。工事は五月に始まり、費用は千四百万クローネの見込み。離島へのフェリーは工事中も南埠頭から運航する。",
            "漁業者の代表は反対票を投じた。",
            lang="ja",
            extra=RELATED,
        )
    ),
    "russian wire item about cookies": Sample(
        article(
            "Суд оштрафовал издателя за cookie",
            "Суд в Эльме оштрафовал издателя на два миллиона крон: на его сайте нельзя было отказаться от файлов cookie. Фраза «Мы и наши партнёры» скрывала сотни рекламных фирм, отметил судья. Издатель намерен обжаловать решение в течение месяца, сообщил его адвокат во вторник.",
            lang="ru",
        )
    ),
    "asked for on another host, led home, an article there": Sample(
        article("Sea wall rises", *LONG), None, ORIGIN + "/", ("https://short.example/a-b-c",)
    ),
    "front page that is one article": Sample(
        article("An open letter to the harbour council", *LONG), None, ORIGIN + "/"
    ),
}
