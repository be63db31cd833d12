"""Articles as web pages in three manners: a newspaper of today, a site of the nineties with tables around it, and a blog."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from pipelines.demo.prose import Article, Chrome, Subject, chrome, dice, shuffled, subjects

_STYLE = """body{font:16px/1.5 Georgia,serif;margin:0;color:#222;background:#fdfdfb}
header,footer{padding:1rem 2rem;background:#20324a;color:#fff}nav ul{list-style:none;display:flex;gap:1rem;padding:0}
nav a{color:#fff;text-decoration:none}main{display:grid;grid-template-columns:3fr 1fr;gap:2rem;padding:2rem}
.cookie-banner{position:fixed;bottom:0;left:0;right:0;background:#333;color:#eee;padding:.7rem 2rem}
aside,.sidebar{font-size:.9rem;border-left:1px solid #ddd;padding-left:1rem}.comments{border-top:1px solid #ddd}
table.hours td{border-bottom:1px solid #eee;padding:.2rem .8rem}@media(max-width:40rem){main{display:block}}"""
_SCRIPT = """(function(d){var b=d.querySelector('.cookie-banner');if(!b){return}
if(/seen=1/.test(d.cookie)){b.style.display='none'}
b.querySelector('button').addEventListener('click',function(){d.cookie='seen=1;path=/';b.style.display='none'})
if(1<2&&window.console){console.log('ready')}})(document);"""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a page is dressed. ``charset`` is what its head declares (None: nothing); ``tag`` the language of the
    surroundings and of the ``lang`` attribute, which need not be the article's."""

    layout: str
    host: str
    tag: str
    charset: str | None = "utf-8"
    head: str = ""
    tail: str = ""


def look_for(article: Article, turn: int = 0) -> Look:
    """One of the article's usual looks; another ``turn`` gives another site and layout."""
    words = chrome(article.tag)
    host = words.sites[(article.number + turn) % len(words.sites)][0]
    layout = tuple(LAYOUTS)[(dice(3, article.tag, article.number, "layout") + turn) % 3]
    return Look(layout=layout, host=f"www.{host}", tag=article.tag)


def url_for(article: Article, look: Look) -> str:
    """The address of the article on the site of ``look``, percent-encoded where its subject is not ASCII."""
    return f"https://{look.host}/{chrome(article.tag).code}/{article.number:03d}-{quote(article.sections[0].key)}.html"


def render(article: Article | None, look: Look) -> str:
    """A whole page; without an article, one with nothing but its surroundings."""
    body = "" if article is None else content(article, hours=dice(3, look.host, article.number) == 0)
    title = chrome(look.tag).menu[0] if article is None else article.title
    number = 0 if article is None else article.number
    return assemble(title, body + look.tail, look, number)


def content(article: Article, *, hours: bool = False) -> str:
    """The article itself: heading, sections as paragraphs or, now and then, a list, and perhaps a table."""
    parts = [f"<h1>{escape(article.title)}</h1>"]
    for place, section in enumerate(article.sections):
        if place:
            parts.append(f"<h2>{escape(section.heading)}</h2>")
        if place and dice(6, article.tag, article.number, place, "list") == 0:
            parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in section.sentences) + "</ul>")
        else:
            parts.append(f"<p>{escape(' '.join(section.sentences), quote=False)}</p>")
    if hours:
        parts.append(_hours(chrome(article.tag)))
    return "\n".join(parts)


def assemble(title: str, body: str, look: Look, number: int = 0) -> str:
    """``body`` in the look's surroundings."""
    words = chrome(look.tag)
    site = dict(words.sites).get(look.host.removeprefix("www."), look.host)
    others = shuffled(subjects(look.tag), look.host, number, "related")[:5]
    return LAYOUTS[look.layout](title, body, look, words, site, others)


def _head(title: str, look: Look, words: Chrome, site: str) -> str:
    charset = f'<meta charset="{look.charset}">\n' if look.charset else ""
    return f"""<head>
{charset}<title>{escape(title)} – {escape(site)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{escape(site)}: {escape(title)}">
{look.head}<link rel="stylesheet" href="/static/site.css">
<style>{_STYLE}</style>
</head>"""


def _menu(words: Chrome) -> str:
    return "".join(
        f'<li><a href="/{words.code}/{place}/">{escape(item)}</a></li>' for place, item in enumerate(words.menu)
    )


def _related(words: Chrome, others: Sequence[Subject]) -> str:
    items = "".join(
        f'<li><a href="/{words.code}/{quote(subject.key)}">{escape(subject.heading)}</a></li>' for subject in others
    )
    return f"<h3>{escape(words.related)}</h3><ul>{items}</ul>"


def _hours(words: Chrome) -> str:
    title, *days, closed = words.hours
    rows = "".join(
        f"<tr><td>{escape(day)}</td><td>{'9:00–13:00' if place else escape(closed)}</td></tr>"
        for place, day in enumerate(days)
    )
    return f'<table class="hours"><caption>{escape(title)}</caption>{rows}</table>'


def _remarks(words: Chrome, look: Look) -> str:
    chosen = shuffled(words.remarks, look.host, "remarks")[: 1 + dice(3, look.host, "number of remarks")]
    items = "".join(
        f'<li class="comment"><b>{name}</b> <p>{escape(text)}</p></li>'
        for name, text in zip("ABC", chosen, strict=False)
    )
    return f'<section class="comments" id="comments"><h3>{escape(words.comments)}</h3><ol>{items}</ol></section>'


def _paper(title: str, body: str, look: Look, words: Chrome, site: str, others: Sequence[Subject]) -> str:
    about = json.dumps({"@type": "NewsArticle", "headline": title, "publisher": site}, ensure_ascii=False)
    return f"""<!DOCTYPE html>
<html lang="{chrome(look.tag).code}">
{_head(title, look, words, site)}
<body>
<header><a href="/">{escape(site)}</a>
<nav><ul>{_menu(words)}</ul></nav>
<form action="/search"><input name="q" placeholder="{escape(words.search)}"></form></header>
<div class="breadcrumb"><a href="/">{escape(words.menu[0])}</a> › {escape(words.menu[1])}</div>
<main>
<article class="story">
{body}
</article>
<aside>{_related(words, others)}</aside>
</main>
{_remarks(words, look)}
<footer><p>{escape(site)} · {escape(words.rights)}</p><ul>{_menu(words)}</ul></footer>
<div class="cookie-banner" role="dialog"><span>{escape(words.cookie)}</span><button>{escape(words.accept)}</button></div>
<script type="application/ld+json">{about}</script>
<script>{_SCRIPT}</script>
<noscript><img src="/pixel.gif" alt=""></noscript>
</body>
</html>
"""


def _board(title: str, body: str, look: Look, words: Chrome, site: str, others: Sequence[Subject]) -> str:
    declared = f'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={look.charset}">' if look.charset else ""
    menu = "".join(
        f'<TR><TD BGCOLOR="#ddeeff"><A HREF="/{place}.htm"><FONT SIZE="2">{escape(item)}</FONT></A></TD></TR>'
        for place, item in enumerate(words.menu)
    )
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML LANG="{words.code}">
<HEAD>{declared}
<TITLE>{escape(title)} – {escape(site)}</TITLE>
{look.head}<STYLE TYPE="text/css"><!--
{_STYLE}
--></STYLE></HEAD>
<BODY BGCOLOR="#ffffff" LINK="#003399">
<TABLE WIDTH="100%" BORDER="0" CELLPADDING="6">
<TR><TD BGCOLOR="#003366"><FONT COLOR="#ffffff" SIZE="5">{escape(site)}</FONT></TD></TR>
<TR><TD><TABLE BORDER="0">{menu}</TABLE></TD></TR>
</TABLE>
<DIV CLASS="content">
{body}
</DIV>
<TABLE BORDER="0"><TR><TD CLASS="sidebar">{_related(words, others)}</TD></TR></TABLE>
<HR><DIV CLASS="footer" ALIGN="center"><FONT SIZE="1">{escape(site)} | {escape(words.rights)}</FONT></DIV>
</BODY>
</HTML>
"""


def _blog(title: str, body: str, look: Look, words: Chrome, site: str, others: Sequence[Subject]) -> str:
    tags = " ".join(
        f'<a rel="tag" href="/tag/{quote(subject.key)}">{escape(subject.key)}</a>' for subject in others[:3]
    )
    return f"""<!doctype html>
<html lang="{words.code}" dir="ltr">
{_head(title, look, words, site)}
<body class="single">
<div class="cookie-banner"><p>{escape(words.cookie)}</p><button>{escape(words.accept)}</button></div>
<div id="top"><div class="brand">{escape(site)}</div><ul class="menu">{_menu(words)}</ul></div>
<div id="wrap">
<div class="sidebar"><h3>{escape(words.menu[4])}</h3><ul><li><a href="/2024/02">2024-02</a></li>
<li><a href="/2024/01">2024-01</a></li><li><a href="/2023/12">2023-12</a></li></ul></div>
<div class="post" id="post"><div class="entry-content">
{body}
</div><div class="post-meta">{tags} <a class="more" href="#">{escape(words.more)}</a></div></div>
{_remarks(words, look)}
<div class="related">{_related(words, others)}</div>
</div>
<div id="footer">{escape(words.rights)}. <a href="/feed">RSS</a> <a href="#top">↑</a></div>
<script>{_SCRIPT}</script>
</body></html>
"""


Layout = Callable[[str, str, Look, Chrome, str, Sequence[Subject]], str]
LAYOUTS: dict[str, Layout] = {"paper": _paper, "board": _board, "blog": _blog}
