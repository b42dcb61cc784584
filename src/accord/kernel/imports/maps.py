"""The map of an import: which column of a file means what.

    kind: leads            # what the rows are
    history: true          # the file tells the past
    source: olist          # who sends it: keys are known per kind and source
    key: mql_id            # the column whose value identifies a row
    zone: Europe/Berlin    # of times without an offset (default UTC)
    columns:
      mql_id: contact                                  # column: target
      first_contact_date: occurred_at
      origin: {to: lead.origin, values: {"": unknown}} # with more to say about it
    constants: {lead.entry: import}                    # targets that are the same in every row
    ignore: [landing_page_id]                          # columns that are left out on purpose

The long form of a column has `to`, and where needed `type` (text, number, date, bool, money), `format` (strptime, of
a date), `decimal` (the sign before the decimals), `currency` (ISO 4217, of money) and `values` (what stands in the
file: what is meant). A list of them lets one column feed several targets. Everything is text, as it stands.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.values import parse_bool, parse_number, parse_when
from accord.kernel.money import parse_amount
from accord.kernel.text import normalise

TYPES = ("text", "number", "date", "bool", "money")
KEYS = ("kind", "history", "source", "key", "zone", "columns", "constants", "ignore")
COLUMN_KEYS = ("to", "type", "format", "decimal", "currency", "values")
FOR_TYPE = {"format": ("date",), "decimal": ("number", "money"), "currency": ("money",)}
# A property keeps whatever name it came with.
TARGET = re.compile(r"[^\W\d_]\w*(\.\w+)?|property\.\S(.*\S)?", re.DOTALL)
LONGEST_MAP = 1 << 20
TOO_LONG = _("This must have at most {max_length} characters.")
LONGEST_TEXT = 255  # characters of what a row names or says of itself, as the databases' columns hold them
DEFAULT_SOURCE = "file"


@dataclass(frozen=True, slots=True)
class MapProblem:
    """What is wrong in a map: the path of the node ("columns.origin.type") and what to do."""

    path: str
    message: str | Promise

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else str(self.message)


class BadMap(ValueError):
    def __init__(self, problems: Sequence[MapProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Target:
    """What a column can be mapped to; a name that ends in ".*" stands for all fields of a record."""

    name: str
    label: str | Promise = ""
    type: str = "text"
    required: bool = False
    longest: int | None = LONGEST_TEXT


@dataclass(frozen=True, slots=True)
class Column:
    """One column's way to one target. Without `type`, the target's own type holds."""

    column: str
    to: str
    type: str | None = None
    format: str | None = None
    decimal: str | None = None
    currency: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportMap:
    kind: str
    columns: tuple[Column, ...]
    history: bool = False
    source: str = DEFAULT_SOURCE
    key: str | None = None
    zone: str = "UTC"
    constants: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """A map laid on the header of a file.

    `columns` pairs each column with its place; `missing` are columns that the map names and the file lacks,
    `unmapped` those of the file that the map says nothing about.
    """

    columns: tuple[tuple[Column, int], ...]
    constants: Mapping[str, str]
    key: int | None
    missing: tuple[str, ...]
    unmapped: tuple[str, ...]

    @property
    def index(self) -> dict[str, int]:
        return {column.to: place for column, place in self.columns}


class _Loader(yaml.BaseLoader):
    """Reads every scalar as the text that stands there: a column may be called "no", a value be 007."""


def _mapping_once(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        where = f"line {key_node.start_mark.line + 1}"
        if not isinstance(key, str):
            raise BadMap([MapProblem(where, _("A name must be one text, not a list or a mapping."))])
        if key in made:
            raise BadMap([MapProblem(where, format_lazy(_("“{key}” stands here twice: keep one."), key=key))])
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping_once)


def load_map(source: Path | str) -> ImportMap:
    """The map in a file (a Path, or its name) or in a text of YAML.

    Raises BadMap with every problem that was found.
    """
    raw = _parsed(_text(source))
    problems: list[MapProblem] = []
    if not isinstance(raw, dict):
        raise BadMap([MapProblem("", _("This is no map: write “kind:” and “columns:”, as the reference shows."))])
    _known_keys(raw, KEYS, "", problems)
    columns = _columns(raw.get("columns", {}), problems)
    made = ImportMap(
        kind=_scalar(raw, "kind", "", problems, required=True),
        columns=columns,
        history=_truth(raw, "history", problems),
        source=_scalar(raw, "source", DEFAULT_SOURCE, problems),
        key=_scalar(raw, "key", "", problems) or None,
        zone=_zone(raw, problems),
        constants=_texts(raw.get("constants", {}), "constants", problems),
        ignore=_names(raw.get("ignore", []), problems),
    )
    _check_targets(made, problems)
    if problems:
        raise BadMap(problems)
    return made


def _text(source: Path | str) -> str:
    if isinstance(source, str) and re.search(r"\n|: |^\{", source):
        return source
    path = Path(source)
    if not path.is_file():
        raise BadMap([MapProblem("", format_lazy(_("There is no map “{name}”."), name=path.name))])
    if path.stat().st_size > LONGEST_MAP:
        raise BadMap([MapProblem("", format_lazy(_("“{name}” is too large for a map."), name=path.name))])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadMap([MapProblem("", format_lazy(_("“{name}” is not text in UTF-8: save it so."), name=path.name))])


def _parsed(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as refused:
        where = f"line {refused.problem_mark.line + 1}" if refused.problem_mark else ""
        raise BadMap([MapProblem(where, format_lazy(_("This is not YAML: {why}."), why=refused.problem))])
    except (yaml.YAMLError, RecursionError):
        raise BadMap([MapProblem("", _("This is not YAML: it holds signs that YAML has not, or nests too deeply."))])


def _known_keys(raw: Mapping[str, Any], known: Sequence[str], path: str, problems: list[MapProblem]) -> None:
    for key in raw:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            message = _("is not known here: use {known}.") if not near else _("is not known here: is “{near}” meant?")
            where = f"{path}.{key}" if path else key
            problems.append(MapProblem(where, format_lazy(message, known=", ".join(known), near="".join(near))))


def _scalar(
    raw: Mapping[str, Any], key: str, default: str, problems: list[MapProblem], *, required: bool = False
) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        problems.append(MapProblem(key, _("must be one word, not a list or a mapping.")))
        return default
    if required and not value.strip():
        problems.append(MapProblem(key, _("is missing: say what the rows are, for example “kind: leads”.")))
    return value.strip() or default


def _truth(raw: Mapping[str, Any], key: str, problems: list[MapProblem]) -> bool:
    value = raw.get(key, "false")
    if value not in ("true", "false"):
        problems.append(MapProblem(key, _("must be true or false.")))
    return value == "true"


def _zone(raw: Mapping[str, Any], problems: list[MapProblem]) -> str:
    zone = _scalar(raw, "zone", "UTC", problems)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = _("“{zone}” is no time zone: write it like Europe/Berlin.")
        problems.append(MapProblem("zone", format_lazy(message, zone=zone)))
    return zone


def _texts(raw: Any, path: str, problems: list[MapProblem]) -> dict[str, str]:
    if not isinstance(raw, dict):
        problems.append(MapProblem(path, _("must be a mapping of one text to another.")))
        return {}
    for key, value in raw.items():
        if not isinstance(value, str):
            problems.append(MapProblem(f"{path}.{key}", _("must be one text, not a list or a mapping.")))
    return {key: value for key, value in raw.items() if isinstance(value, str)}


def _names(raw: Any, problems: list[MapProblem]) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
        problems.append(MapProblem("ignore", _("must be a list of columns.")))
        return ()
    return tuple(raw)


def _columns(raw: Any, problems: list[MapProblem]) -> tuple[Column, ...]:
    if not isinstance(raw, dict) or not raw:
        problems.append(MapProblem("columns", _("must name at least one column and its target.")))
        return ()
    made: list[Column] = []
    for name, meant in raw.items():
        path = f"columns.{name}"
        for place, one in enumerate(meant) if isinstance(meant, list) else ((None, meant),):
            made += _column(name, one, path if place is None else f"{path}.{place}", problems)
    return tuple(made)


def _column(name: str, raw: Any, path: str, problems: list[MapProblem]) -> list[Column]:
    if isinstance(raw, str):
        return [Column(name, _target(raw, path, problems))]
    if not isinstance(raw, dict):
        problems.append(MapProblem(path, _("must be a target, or a mapping with “to”.")))
        return []
    _known_keys(raw, COLUMN_KEYS, path, problems)
    said = {key: raw[key] for key in COLUMN_KEYS if key in raw and key != "values"}
    for key in [key for key, value in said.items() if not isinstance(value, str)]:
        problems.append(MapProblem(f"{path}.{key}", _("must be one text, not a list or a mapping.")))
        del said[key]
    _check_details(said, path, problems)
    to = _target(said.pop("to", ""), f"{path}.to", problems)
    values = _texts(raw.get("values", {}), f"{path}.values", problems)
    return [Column(name, to, **said, values=values)]


def _check_details(said: Mapping[str, str], path: str, problems: list[MapProblem]) -> None:
    if said.get("type", "text") not in TYPES:
        problems.append(MapProblem(f"{path}.type", format_lazy(_("must be one of {types}."), types=", ".join(TYPES))))
    for key, types in FOR_TYPE.items():
        if key in said and said.get("type", types[0]) not in types:
            message = _("is only for columns of the type {types}.")
            problems.append(MapProblem(f"{path}.{key}", format_lazy(message, types=", ".join(types))))
    if said.get("decimal", ".") not in (".", ","):
        problems.append(MapProblem(f"{path}.decimal", _("must be “.” or “,”.")))
    if not re.fullmatch("[A-Z]{3}", said.get("currency", "EUR")):
        problems.append(MapProblem(f"{path}.currency", _("must be a code of three capital letters, like EUR.")))
    if "%" not in said.get("format", "%"):
        problems.append(MapProblem(f"{path}.format", _("must be written like %d/%m/%Y.")))


def _target(name: str, path: str, problems: list[MapProblem]) -> str:
    if not TARGET.fullmatch(name) or (not name.startswith("property.") and name != name.lower()):
        message = _("“{name}” is no target: write it like contact or lead.origin, in small letters.")
        problems.append(MapProblem(path, format_lazy(message, name=name)))
    return name


def _check_targets(made: ImportMap, problems: list[MapProblem]) -> None:
    given: set[str] = set()
    for column in made.columns:
        if column.to and column.to in given:
            message = _("“{to}” is fed by another column too: keep one.")
            problems.append(MapProblem(f"columns.{column.column}", format_lazy(message, to=column.to)))
        given.add(column.to)
        if column.column in made.ignore:
            problems.append(MapProblem(f"columns.{column.column}", _("is ignored too: take it out of one of the two.")))
    for name in made.constants:
        _target(name, f"constants.{name}", problems)
        if name in given:
            problems.append(MapProblem(f"constants.{name}", _("is fed by a column too: keep one.")))


def check(made: ImportMap, targets: Sequence[Target]) -> list[MapProblem]:
    """What is wrong with a map for an import that knows these targets."""
    names = {target.name for target in targets}
    problems = []
    used = [(f"columns.{column.column}", column.to) for column in made.columns]
    for path, name in used + [(f"constants.{name}", name) for name in made.constants]:
        if name in names or ("." in name and f"{name.partition('.')[0]}.*" in names):
            continue
        near = difflib.get_close_matches(name, names, 1)
        known = ", ".join(sorted(names))
        message = _("there is no “{name}”: is “{near}” meant?") if near else _("there is no “{name}”: use {known}.")
        problems.append(MapProblem(path, format_lazy(message, name=name, near="".join(near), known=known)))
    fed = {name for _path, name in used} | set(made.constants)
    for target in targets:
        if target.required and target.name not in fed:
            message = _("no column feeds “{name}”, which every row needs: map one, or set a constant.")
            problems.append(MapProblem("columns", format_lazy(message, name=target.name)))
    return problems


def bind(made: ImportMap, header: Sequence[str]) -> Bound:
    """Where in the file each column stands: by its exact name, else by its name without regard to case and space."""
    places = {normalise(name): place for place, name in reversed(list(enumerate(header)))}
    places |= {name: place for place, name in reversed(list(enumerate(header)))}

    def place_of(name: str) -> int | None:
        return places.get(name, places.get(normalise(name)))

    found = [(column, place) for column in made.columns if (place := place_of(column.column)) is not None]
    named = dict.fromkeys([*(column.column for column in made.columns), *([made.key] if made.key else [])])
    spoken = {place_of(name) for name in (*named, *made.ignore)}
    return Bound(
        columns=tuple(found),
        constants=made.constants,
        key=place_of(made.key) if made.key else None,
        missing=tuple(name for name in named if place_of(name) is None),
        unmapped=tuple(name for place, name in enumerate(header) if place not in spoken),
    )


def reader(
    column: Column, zone: tzinfo, type: str = "text", currency: str = "", decimal: str | None = None
) -> Callable[[str], Any]:
    """What turns a cell of the column into its value: None where it is empty, minor units for money.

    `type` and `currency` hold where the column does not say its own. The reader raises ValueError with a reason.
    """
    kind, decimal = column.type or type, column.decimal or decimal
    values = {normalise(text): meant for text, meant in column.values.items()}
    formats = (column.format,) if column.format else None
    parse: dict[str, Callable[[str], Any]] = {
        "number": lambda text: parse_number(text, decimal),
        "date": lambda text: parse_when(text, zone, formats),
        "bool": parse_bool,
        "money": lambda text: parse_amount(text, column.currency or currency, decimal),
    }
    convert = parse.get(kind, str)

    def read(cell: str) -> Any:
        text = cell.strip()
        if values:
            text = values.get(normalise(text), text)
        return convert(text) if text else None

    return read


def reader_for(column: Column, zone: tzinfo, target: Target | None) -> Callable[[str], Any]:
    """`reader`, which refuses a text that is longer than its target holds; what has no target of its own is a text."""
    read = reader(column, zone, target.type if target else "text")
    if target is None or target.longest is None:
        return read
    longest = target.longest

    def bounded(cell: str) -> Any:
        value = read(cell)
        if isinstance(value, str) and len(value) > longest:
            raise ValueError(format_lazy(TOO_LONG, max_length=longest))
        return value

    return bounded


def dump_map(made: ImportMap) -> str:
    """The map as YAML, from which `load_map` makes the same map again."""
    columns: dict[str, list[Any]] = {}
    for column in made.columns:
        columns.setdefault(column.column, []).append(_short(column))
    written: dict[str, Any] = {"kind": made.kind, "history": made.history, "source": made.source}
    if made.key:
        written["key"] = made.key
    written |= {
        "zone": made.zone,
        "columns": {name: ways if len(ways) > 1 else ways[0] for name, ways in columns.items()},
    }
    if made.constants:
        written["constants"] = dict(made.constants)
    if made.ignore:
        written["ignore"] = list(made.ignore)
    return yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=120)


def _short(column: Column) -> str | dict[str, Any]:
    said = {key: value for key in COLUMN_KEYS if (value := getattr(column, key))}
    if "values" in said:
        said["values"] = dict(column.values)
    return column.to if list(said) == ["to"] else said
