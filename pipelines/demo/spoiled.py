"""Pages nobody wants to train on, and markup that breaks parsers: bodies only, each by a function of its own."""

import re
from html import escape

from pipelines.demo.page import Look, assemble, content
from pipelines.demo.prose import Article, dice, subjects

_PHRASES = {
    "eng_Latn": (
        "cheap rain gutters",
        "buy rain gutters online",
        "rain gutters best price",
        "order cheap rain gutters",
    ),
    "deu_Latn": ("Dachrinne günstig", "Dachrinne online kaufen", "Dachrinne Bestpreis", "billige Dachrinne bestellen"),
    "pol_Latn": ("tanie rynny", "rynny sklep internetowy", "rynny najlepsza cena", "kup tanie rynny"),
    "por_Latn": ("caleiras baratas", "comprar caleiras online", "caleiras melhor preço", "encomendar caleiras baratas"),
}
SPAM_TAGS = tuple(_PHRASES)
_MARKS = "#*|/\\=+%&$§¤▓░■◆→←│┼═"


def keyword_spam(look: Look, number: int) -> str:
    """A few phrases over and over."""
    phrases = _PHRASES[look.tag]
    paragraphs = []
    for paragraph in range(6):
        chosen = (phrases[dice(len(phrases), look.tag, number, paragraph, place)] for place in range(30))
        paragraphs.append(f"<p>{escape(', '.join(chosen))}.</p>")
    return assemble(phrases[0], f"<h1>{escape(phrases[0])}</h1>" + "\n".join(paragraphs), look, number)


def hashtag_spam(look: Look, number: int) -> str:
    """A caption under a heap of hashtags."""
    chosen = subjects(look.tag)
    lines = []
    for line in range(8):
        tags = (f"#{chosen[dice(len(chosen), look.tag, number, line, place)].key}{place}" for place in range(9))
        lines.append(f"<p>{escape(chosen[line].heading)} {escape(' '.join(tags))}</p>")
    return assemble(chosen[0].heading, "\n".join(lines), look, number)


def teasers(look: Look, number: int) -> str:
    """The first words of many articles, each cut off by dots."""
    dots = ("…", "...", " [...]")[number % 3]
    lines = [
        f"<p>{escape(' '.join(sentence.split()[: 7 + number % 3]).rstrip(',.'))}{dots}</p>"
        for subject in subjects(look.tag)
        for sentence in subject.sentences[:2]
    ]
    return assemble(subjects(look.tag)[0].heading, "\n".join(lines), look, number)


def link_list(look: Look, number: int) -> str:
    """Many links and no sentence."""
    items = "".join(
        f'<li><a href="http://partner{place}.example/{number}">{escape(subject.key)} {place}</a></li>'
        for place in range(8)
        for subject in subjects(look.tag)
    )
    return assemble("Links", f"<h1>Links</h1><ul>{items}</ul>", look, number)


def symbols(look: Look, number: int) -> str:
    """Lines of numbers and marks, such as a badly exported table."""
    lines = []
    for line in range(40):
        cells = (
            f"{dice(1000, number, line, cell)} {_MARKS[dice(len(_MARKS), number, line, cell, 'mark')] * 3}"
            for cell in range(8)
        )
        lines.append(f"<p>{escape(' '.join(cells))}</p>")
    return assemble("0000", "\n".join(lines), look, number)


def broken(page: str, manner: int) -> str:
    """The page with its markup damaged in one of four manners; the words of the article all remain."""
    if manner % 4 == 0:
        return re.sub(r"</(p|li|div|h2|td|tr|ul)>", "", page, flags=re.IGNORECASE)
    if manner % 4 == 1:
        return page.replace("<p>", "<p>< 3 & <b>").replace("</h2>", "</h3>")
    if manner % 4 == 2:
        opened = page.replace("<h1>", "<table><tr><td><table><td><h1>", 1)
        return opened.replace("<h2>", "<table><tr><h2>").replace("</body>", "").replace("</html>", "")
    return (
        page.replace('<a href="/">', '<a href="/>', 1).replace("<h2>", '<h2 class=x" id=>').replace("</title>", "", 0)
    )


def deep(article: Article, look: Look, depth: int = 12_000) -> str:
    """An article inside ``depth`` nested elements."""
    return assemble(article.title, "<div>" * depth + content(article) + "</div>" * depth, look)


def large(article: Article, look: Look, rows: int = 4_000) -> str:
    """An article above a long table of tides."""
    cells = "".join(
        f"<tr><td>{row // 4 + 1}</td><td>{dice(24, row, 'hour'):02d}:{dice(60, row, 'minute'):02d}</td>"
        f"<td>{dice(420, row, 'height') / 100:.2f} m</td></tr>\n"
        for row in range(rows)
    )
    return assemble(article.title, content(article) + f"<table>{cells}</table>", look)
