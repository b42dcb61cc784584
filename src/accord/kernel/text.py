"""Text as Accord compares, sorts and searches it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from unicodedata import normalize

MAILBOXES = """
126.com 139.com 163.com 189.cn 21cn.com aliyun.com aol.com bk.ru bol.com.br daum.net fastmail.com foxmail.com
free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk
hotmail.com hotmail.com.br hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com inbox.lv inbox.ru internet.ru
laposte.net libero.it list.ru live.cn live.com live.de live.fr live.nl live.ru mac.com mail.com mail.ru
mail2000.com.tw me.com msn.com naver.com o2.pl online.de orange.fr outlook.com outlook.com.br outlook.de outlook.es
outlook.fr pm.me proton.me protonmail.com qq.com rambler.ru rediffmail.com seznam.cz sfr.fr sina.cn sina.com
sohu.com t-online.de terra.com.br tom.com tut.by tutanota.com ukr.net uol.com.br vip.163.com vip.qq.com wanadoo.fr
web.de wo.cn wp.pl ya.ru yahoo.ca yahoo.cn yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.com.cn
yahoo.com.tw yahoo.de yahoo.es yahoo.fr yahoo.it yandex.by yandex.com yandex.kz yandex.ru yeah.net ymail.com
zoho.com
"""
FREE_MAIL = frozenset(MAILBOXES.split())

EMAIL = re.compile(r"""[^\s@<>()\[\],;:"\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]""")
EMAIL_MAX = 254

NAMED = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
# After и and і the sign makes another letter: й, ї.
ACCENTS = re.compile("(?<![иі])[\u0300-\u036f]")

# As surnames these are read otherwise than as words.
SURNAMES = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou",
    "盖": "ge", "朴": "piao", "覃": "qin", "翟": "zhai", "郝": "hao", "缪": "miao",
}  # fmt: skip
GIVEN_NAME_MAX = 2

DIGITS36 = "0123456789abcdefghijklmnopqrstuvwxyz"
KEPT_BIGRAMS = 200_000


def normalise(text: str) -> str:
    """The form in which strings are compared: NFKC, case-folded, trimmed, and the same again if normalised again."""
    if text.isascii():
        return text.lower().strip()
    while True:
        done = normalize("NFKC", normalize("NFKC", text).casefold()).strip()
        if done == text:
            return done
        text = done


def spelt(value: str) -> str:
    """A value that is written as a name for programs, as people write it: trade_fair is Trade fair."""
    return value.replace("_", " ").capitalize() if NAMED.fullmatch(value) else value


def fold(text: str) -> str:
    """`normalise` without the accents of Latin, Cyrillic and Greek letters, so that "muller" finds "Müller"."""
    text = normalise(text)
    if text.isascii():
        return text
    return normalise(normalize("NFC", ACCENTS.sub("", normalize("NFD", text))))


def sort_key(name: str) -> str:
    """A key whose code-point order sorts names: Han by the sound without tones, then by the character.

    Compare bytewise (BINARY on SQLite, COLLATE "C" on PostgreSQL).
    """
    key = fold(name)
    if key.isascii():
        return key
    run = HAN.fullmatch(key)
    if run and 1 < len(key) <= 1 + GIVEN_NAME_MAX and key[0] in SURNAMES:
        return f"{SURNAMES[key[0]]} {key[0]} {_sounds(key[1:])}".strip()
    return " ".join(HAN.sub(lambda match: f" {_sounds(match[0])} ", key).split())


def _sounds(han: str) -> str:
    # Its tables take a quarter of a second to load: only who meets a Chinese name pays that.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    # The space sorts before every letter: "wan 万" stands before "wang 王".
    return " ".join(f"{sound} {character}" for sound, character in zip(lazy_pinyin(han), han, strict=True))


@lru_cache(10_000)  # an import asks of every address several times
def email_key(text: str) -> str | None:
    """The address in the form in which addresses are compared; None for what is no address."""
    key = normalise(text)
    return key if len(key) <= EMAIL_MAX and EMAIL.fullmatch(key) else None


def domain_of(email: str) -> str | None:
    key = email_key(email)
    return key.rpartition("@")[2] if key else None


def _letter(character: str) -> str:
    """A code of ASCII letters and digits in which no code begins another: a tokenizer can neither split nor fold it."""
    if character in "abcdefghijklmnopqrstuvwxy0123456789":
        return character
    if character == "z":
        return "zz"
    point, code = ord(character), ""
    for _ in range(4):
        point, digit = divmod(point, 36)
        code = DIGITS36[digit] + code
    return "z" + code


class _Tokens(dict[str, str]):
    """Token of two neighbours of a folded text; what is kept is bounded, because Han has millions of pairs."""

    def __missing__(self, pair: str) -> str:
        token = "" if pair[0] == " " else "".join(map(_letter, pair.rstrip(" ")))
        if len(self) < KEPT_BIGRAMS:
            self[pair] = token
        return token


TOKENS = _Tokens()


def bigrams(text: str) -> list[str]:
    """Tokens for search: of each word its pairs of neighbours, then its last character alone.

    That last token keeps a phrase from running into the next word, and lets every character begin a token,
    so that one character is found by the prefix of a token.
    """
    padded = " ".join(fold(text).split()) + " "
    return [token for a, b in pairwise(padded) if (token := TOKENS[a + b])]


def index_text(kind: str, *parts: str) -> str:
    """What a full-text index stores for a record: its bigrams, which no tokenizer changes.

    Every token begins with the kind, so that the many contacts need not be read to find no company, and the kind
    alone finds all of it.
    """
    mark = _mark(kind)
    return f" {mark}".join([mark, *bigrams(" ".join(parts))])


def index_tokens(kind: str, *parts: str) -> list[str]:
    """What an array index stores: the bigrams and every single character, each once, in order of appearance.

    Every token begins with two letters of the kind, which take no room: PostgreSQL rounds its length up to four.
    """
    text = " ".join(parts)
    characters = "".join(fold(text).split())
    return _of_kind(kind, [*bigrams(text), *map(_letter, characters)])


def tokens(kind: str, sought: Iterable[str]) -> list[str]:
    """Tokens all of which an array of `index_tokens` holds where these `words` occur in a record of the kind.

    An array knows no order of tokens, and two kinds may share their letters: compare what it finds.
    """
    return _of_kind(kind, [token for word in sought for token in _asked(word)])


def _of_kind(kind: str, found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(f"{kind[0]}{kind[-1]}{token}" for token in found))


def match_query(kind: str, sought: Iterable[str]) -> str:
    """The FTS5 expression that finds records of the kind whose `index_text` holds every one of these `words`."""
    mark = _mark(kind)
    return " AND ".join(_phrase(mark, word) for word in sought) or f'"{mark}"'


def words(query: str) -> list[str]:
    """The words of a query as they are compared, each once."""
    return list(dict.fromkeys(fold(query).split()))


def _mark(kind: str) -> str:
    return f"{kind}0"  # no kind has a digit in its name: none is the beginning of another one's mark


def _asked(word: str) -> list[str]:
    return bigrams(word)[:-1] or [_letter(word)]


def _phrase(mark: str, word: str) -> str:
    tokens_of = " ".join(f"{mark}{token}" for token in _asked(word))
    return f'"{tokens_of}"' + (" *" if len(word) == 1 else "")
