"""Text → plain data: YAML 1.2 by its core schema, or JSON. Size first, then depth while reading; nothing recurses."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from accord.rooms.agreement.document import scalars
from accord.rooms.agreement.document.problems import Problem, Refused, path_of

LONGEST = 256 * 1024  # bytes: some fifty times the example
LONGEST_KEY = 200  # characters
DEEPEST = 128
MOST_NODES = 50_000
TAGS: dict[str | None, str] = {
    f"tag:yaml.org,2002:{name}": name for name in ("str", "int", "float", "bool", "null", "map", "seq")
}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
UNKEPT = re.compile("[\x00\ud800-\udfff]")  # no database text holds them

TOO_LONG = _("The text has more than 256 KB. An agreement is a few pages: take out what does not belong to it.")
TOO_DEEP = _("More than 128 levels within one another. Give parts of it a name under segments.")
TOO_MANY = _("More than 50,000 entries. An agreement is a few pages: take out what does not belong to it.")
TWICE = _("This key stands here twice. Keep one of them.")
UNKNOWN_ANCHOR = _("There is no complete anchor of this name before. Write the value itself.")
NO_NUMBER = _("No number that can be computed with. Write a finite one, within 64 bits.")
NO_TAG = _("Tags of your own mean nothing here. Write the value without its tag.")
NO_YAML = _("This is no YAML, at line {line}, column {column}: {problem}. Mend it there.")
NO_KEY = _("A key is a word of at most 200 characters. Write one before the colon.")
UNKEPT_SIGN = _("The text holds a character that cannot be kept. Take it out.")
NO_TEXT = _("This is no UTF-8 text. Save the file as UTF-8.")
NOTHING = _("The document is empty. Begin with the starter agreement: accord agreement export.")
NO_MAP = _("A document is a map that begins with “accord: 1”.")
SEVERAL = _("There are several documents in the text. Keep one.")


def parse(text: str | bytes) -> dict[str, Any]:
    """The document as dicts, lists and scalars, keys in their order. Raises Refused."""
    said = _decoded(text)
    data = _json(said) if said.lstrip().startswith("{") else None
    data = _yaml(said) if data is None else data
    if not isinstance(data, dict):
        _refuse((), NOTHING if data is None else NO_MAP)
    return data


def _refuse(steps: Iterable[str | int], message: str | Promise) -> NoReturn:
    raise Refused([Problem(path_of(tuple(steps)), message)])


def _decoded(text: str | bytes) -> str:
    if len(text) > LONGEST or (isinstance(text, str) and len(text.encode("utf-8", "surrogatepass")) > LONGEST):
        _refuse((), TOO_LONG)
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse((), NO_TEXT)


def _json(text: str) -> Any:
    """None where the text is no JSON: a flow mapping of YAML begins alike."""
    if _depth(text) > DEEPEST:
        _refuse((), TOO_DEEP)
    try:
        found = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=_number, parse_float=_number, parse_constant=_number
        )
    except ValueError:
        return None
    return _Plain().of(found, ())


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _number(text: str) -> int | float | Promise:
    try:
        return scalars.number(text)
    except ValueError:
        return NO_NUMBER


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with all its keys, also those that stand in it twice."""


@dataclass
class _Plain:
    """What JSON gave, with what must not be in it refused at its place."""

    nodes: int = 0

    def of(self, found: Any, steps: tuple[str | int, ...]) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            _refuse((), TOO_MANY)
        if isinstance(found, Promise):
            _refuse(steps, found)
        if isinstance(found, _Pairs):
            return self._map(found, steps)
        if isinstance(found, list):
            return [self.of(one, (*steps, place)) for place, one in enumerate(found)]
        return _kept(found, steps) if isinstance(found, str) else found

    def _map(self, pairs: _Pairs, steps: tuple[str | int, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            _take_key(key, made, steps)
            made[key] = self.of(value, (*steps, key))
        return made


def _take_key(key: str, made: Mapping[str, Any], steps: tuple[str | int, ...]) -> None:
    if not 0 < len(_kept(key, steps)) <= LONGEST_KEY:
        _refuse(steps, NO_KEY)
    if key in made:
        _refuse((*steps, key), TWICE)


def _kept(text: str, steps: tuple[str | int, ...]) -> str:
    if UNKEPT.search(text):
        _refuse(steps, UNKEPT_SIGN)
    return text


def _yaml(text: str) -> Any:
    composing = _Composing()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            composing.take(event)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        _refuse((), format_lazy(NO_YAML, line=line, column=column, problem=wrong.problem or wrong.context))
    except ReaderError:
        _refuse((), UNKEPT_SIGN)
    return composing.root


@dataclass
class _Open:
    """A map or a list that is being read. `key` is the key whose value comes next."""

    made: dict[str, Any] | list[Any]
    anchor: str | None
    before: int
    key: str | None = None

    @property
    def step(self) -> str | int:
        return len(self.made) if isinstance(self.made, list) else self.key or ""


@dataclass
class _Composing:
    """Data from the parser's events, with a stack of our own: what is too deep or too much is refused on the way."""

    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    nodes: int = 0
    documents: int = 0
    root: Any = None

    @property
    def steps(self) -> tuple[str | int, ...]:
        return tuple(one.step for one in self.open if one.step != "")

    def take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                _refuse((), SEVERAL)
        elif isinstance(event, AliasEvent):
            self._alias(event.anchor)
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._count(1)
        if len(self.open) >= DEEPEST:
            _refuse(self.steps, TOO_DEEP)
        kind = "map" if isinstance(event, MappingStartEvent) else "seq"
        if _tag(event, self.steps) not in (None, kind):
            _refuse(self.steps, NO_TAG)
        self._not_a_key()
        self.open.append(_Open({} if kind == "map" else [], event.anchor, self.nodes - 1))

    def _end(self) -> None:
        done = self.open.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.made, self.nodes - done.before)
        self._place(done.made)

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(1)
        text = _kept(event.value, self.steps)
        top = self.open[-1] if self.open else None
        if top and isinstance(top.made, dict) and top.key is None:
            # Whatever a key looks like, it is a word: `1: 40` and `"1": 40` say the same.
            _take_key(text, top.made, self.steps)
            top.key = text
            return
        value = _scalar(event, text, self.steps)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._place(value)

    def _alias(self, name: str) -> None:
        self._not_a_key()
        if name not in self.anchors:
            _refuse(self.steps, UNKNOWN_ANCHOR)
        value, size = self.anchors[name]
        self._count(size)
        self._place(value)

    def _not_a_key(self) -> None:
        if self.open and isinstance(self.open[-1].made, dict) and self.open[-1].key is None:
            _refuse(self.steps, NO_KEY)

    def _place(self, value: Any) -> None:
        if not self.open:
            self.root = value
            return
        top = self.open[-1]
        if isinstance(top.made, list):
            top.made.append(value)
        elif top.key is not None:
            top.made[top.key] = value
            top.key = None

    def _count(self, more: int) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            _refuse((), TOO_MANY)


def _tag(event: Any, steps: tuple[str | int, ...]) -> str | None:
    tag = str(event.tag) if event.tag else None
    if tag in (None, "!"):
        return "str" if tag and isinstance(event, ScalarEvent) else None
    if tag not in TAGS:
        _refuse(steps, NO_TAG)
    return TAGS[tag]


def _scalar(event: ScalarEvent, text: str, steps: tuple[str | int, ...]) -> scalars.Scalar:
    tag = _tag(event, steps)
    plain = event.style in (None, "") and tag is None
    if tag == "str" or (tag is None and not plain):
        return text
    try:
        value = scalars.scalar(text)
    except scalars.NoNumber:
        _refuse(steps, NO_NUMBER)
    if tag and not isinstance(value, TYPES[tag]):
        _refuse(steps, NO_TAG)
    return value


TYPES: dict[str, type | tuple[type, ...]] = {
    "int": int, "float": (int, float), "bool": bool, "null": type(None), "map": (), "seq": (),
}  # fmt: skip
