"""Two versions side by side: the articles that differ, with the words themselves marked that do."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import Clause
from accord.rooms.scoring.saying import speaker_of
from accord.web.agreement.articles import Article, articles

WORDS = re.compile(r"\d+(?:[.,]\d+)*|[\u3400-\u9fff]|[^\W\d\u3400-\u9fff]+|[^\w\s]|_")  # a Chinese character is one
UNMARKED = ("key", "title", "side", "heads", "joined", "condition")  # parts of an article that stand for themselves
Change = Callable[[str], str]
Place = tuple[int, int, int]  # of a word: in which of the texts it stands, from where to where


def changed(before: Version, after: Version) -> list[tuple[int, Article | None, Article | None]]:
    """Number, old article and new article, where they differ; None on the side that lacks it."""
    old = {article.key: article for _number, article in articles(speaker_of(before))}
    new = {article.key: (place, article) for place, article in articles(speaker_of(after))}
    rows = [(place, *_marked(old.get(key), one)) for key, (place, one) in new.items() if old.get(key) != one]
    return rows + [(0, article, None) for key, article in old.items() if key not in new]


def _marked(old: Article | None, new: Article) -> tuple[Article | None, Article]:
    """Both with what only one of them says as `del` or `ins`; as they are where the other lacks the article."""
    if old is None:
        return None, new
    texts = _texts(old), _texts(new)
    words = [[(text[start:end], (place, start, end)) for place, text, start, end in _words(of)] for of in texts]
    left, right = ([word for word, _place in of] for of in words)
    same = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    gone = _only(words[0], [(block.a, block.size) for block in same])
    come = _only(words[1], [(block.b, block.size) for block in same])
    return _with(old, texts[0], gone, "del"), _with(new, texts[1], come, "ins")


def _texts(article: Article) -> list[str]:
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    _rewritten(article, keep)
    return found


def _words(texts: Sequence[str]) -> Iterator[tuple[int, str, int, int]]:
    for place, text in enumerate(texts):
        yield from ((place, text, *match.span()) for match in WORDS.finditer(text))


def _only(words: Sequence[tuple[str, Place]], same: Sequence[tuple[int, int]]) -> list[Place]:
    """Where the words stand that are not the same; those that follow each other in one text as one."""
    kept = {at for start, size in same for at in range(start, start + size)}
    found: list[Place] = []
    last = -2
    for at, (_word, (place, start, end)) in enumerate(words):
        if at in kept:
            continue
        if last == at - 1 and found[-1][0] == place:
            found[-1] = (place, found[-1][1], end)
        else:
            found.append((place, start, end))
        last = at
    return found


def _with(article: Article, texts: Sequence[str], only: Sequence[Place], tag: str) -> Article:
    drawn = iter([_drawn(text, [one[1:] for one in only if one[0] == place], tag) for place, text in enumerate(texts)])
    marked: Article = _rewritten(article, lambda _text: next(drawn))
    return marked


def _drawn(text: str, spans: Sequence[tuple[int, ...]], tag: str) -> SafeString:
    ends = [0, *(end for _start, end in spans)]
    parts = [(text[ends[at] : start], tag, text[start:end], tag) for at, (start, end) in enumerate(spans)]
    return format_html("{}{}", format_html_join("", "{}<{}>{}</{}>", parts), text[ends[-1] :])


def _rewritten(part: Any, change: Change) -> Any:
    """The same with each of its texts changed, in the order in which they are read."""
    if isinstance(part, str):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_rewritten(one, change) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    texts = [one.name for one in fields(part) if one.name not in UNMARKED]
    if isinstance(part, Clause) and part.parts:
        texts = ["parts"]  # its own text says them all, and is not shown
    return replace(part, **{name: _rewritten(getattr(part, name), change) for name in texts})


__all__ = ["changed"]
