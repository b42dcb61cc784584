"""Random worlds and random documents from a seed, for holding one reading of the agreement against another.

What a file of the outside contract cannot say (retractions, lists, JSON numbers, attributes of assets and campaigns)
is left out with `files=True`. Taken-back transitions come only with `undone=True`.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies

from tests.rooms.scoring.plain_known import (
    DAY,
    Attribute,
    Contact,
    Link,
    Retraction,
    Touch,
    Trait,
    Transition,
    Verdict,
    World,
)
from tests.rooms.scoring.plain_rules import EPOCH

START = 1_767_225_600_000_000  # 2026-01-01 UTC
DAYS = 120
END = START + DAYS * DAY
GRID = DAY // 4
KINDS = ["page", "form", "download", "email_click", "event_attended", "reply", "meeting", "unsubscribe", "verified"]
HEAVY = [5, 2, 5, 3, 1, 1, 1, 1, 2]
ZONES = ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Asia/Kolkata"]
MOVES = ["returned", "returned", "returned", "lost", "won", "recycled", "disqualified", "entered", "entered"]

# What one text may look like. All spellings in a row are the same text after normalisation.
SPELT: dict[str, list[list[str]]] = {
    "contact.seniority": [
        ["director", "Director", "ＤＩＲＥＣＴＯＲ"],
        ["vp", "VP "],
        ["c_level", "C_Level"],
        ["junior"],
    ],
    "contact.title": [["student", "Student"], ["Head of Straße", "head of STRASSE"], ["ﬁnance lead", "Finance Lead"]],
    "contact.country": [["DE", "de"], ["FR"], ["中国"], ["50"]],
    "contact.plan": [["gold", "Gold", " GOLD"], ["silver"], ["20"], ["3.5"]],
    "contact.company": [["co0", "CO0 "], ["co1", "Ｃｏ１"], ["co2"]],
    "company.industry": [
        ["logistics", "Logistics", "ＬＯＧＩＳＴＩＣＳ"],
        ["manufacturing", "Manufacturing "],
        ["retail"],
    ],
    "company.city": [["Köln", "Ko\u0308ln", "KÖLN"], ["Bonn"], ["上海"]],
    "company.tier": [["strategic", "Strategic"], ["named"]],
    "asset.topic": [["pricing", "Pricing"], ["security"]],
    "campaign.goal": [["leads", "Leads"], ["brand"]],
    "path": [["/pricing", "/Pricing"], ["/pricing/eu"], ["/blog"], ["/docs"]],
    "topic": [["A", "ａ"], ["b", "B "], ["ß", "SS"]],
    "by": [["inside_sales", "Inside_Sales"], ["marketing"]],
    "result": [["passed", "Passed"], ["passed"], ["failed"]],
}
FIGURES: dict[str, list[float]] = {
    "company.employees": [10, 50, 200, 5000],
    "contact.budget": [0, 1000, 25000.5],
    "company.fleet": [1, 12, 40],
    "asset.minutes": [3, 15],
    "amount": [5, 20, 99.5],
}
DATES = {"contact.renewal": ["2026-02-28", "2026-06-30", "2027-01-01"], "until": ["2026-03-01", "2026-09-01"]}
TYPES = {
    "contact.plan": "text",
    "contact.renewal": "date",
    "company.fleet": "number",
    "asset.topic": "text",
    "asset.minutes": "number",
    "campaign.goal": "text",
}
ASKED = [name for name in [*SPELT, *FIGURES, *DATES] if name.startswith(("contact.", "company."))]
FIELDS = [name for name in ASKED if name != "contact.company"]  # which is set to the id of a company, in one spelling
COLUMNS: dict[str, list[str]] = {
    "contacts": ["external_id"],
    "touches": ["external_id", "contact", "anonymous_id", "kind", "occurred_at", "recorded_at", "machine", "asset"],
    "traits": ["contact", "field", "value", "occurred_at", "recorded_at", "company"],
    "links": ["anonymous_id", "contact", "recorded_at"],
    "verdicts": ["external_id", "machine", "recorded_at"],
    "transitions": ["contact", "move", "occurred_at", "recorded_at", "reason"],
}
COLUMNS["touches"] += ["campaign", "channel"]

seeds = strategies.integers(0, 2**32 - 1)


def worlds(contacts: int = 6, **more: bool) -> strategies.SearchStrategy[World]:
    return seeds.map(lambda seed: world(seed, contacts, **more))


def documents(**more: bool) -> strategies.SearchStrategy[dict[str, Any]]:
    return seeds.map(lambda seed: document(seed, **more))


def world(seed: int, contacts: int, *, files: bool = False, undone: bool = False) -> World:
    """A history of that many contacts in a few companies over 120 days of 2026, the same for the same seed."""
    made = _World(Random(seed), contacts, files=files)
    made.tell()
    if not files:
        made.attributes()
        made.retract(undone=undone)
    return made.world


def document(seed: int, *, files: bool = False) -> dict[str, Any]:
    """A valid document, the same for the same seed. With `files` it asks for no attribute of assets and campaigns."""
    return _Document(Random(seed), files=files).whole()


def values_of(name: str, random: Random) -> str:
    """One way of writing a random value of a field or property."""
    if name in SPELT:
        return random.choice(random.choice(SPELT[name]))
    if name in FIGURES:
        return f"{random.choice(FIGURES[name])}"
    return random.choice(DATES[name])


class _World:
    """A world in the making."""

    def __init__(self, random: Random, contacts: int, *, files: bool) -> None:
        self.random = random
        self.files = files
        self.world = World(types=dict(TYPES))
        self.people = [f"{random.choice('KkÄz语')}{number}" for number in range(contacts)]
        self.companies = [f"co{number}" for number in range(contacts // 5 + 1)]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def moment(self, first: int = START, last: int = END) -> int:
        """Mostly on a coarse grid, so that instants coincide; now and then to the microsecond."""
        at = self.random.randrange(first, max(last, first + 1))
        return at if self.chance(0.1) else max(first, at - (at - START) % GRID)

    def learnt(self, occurred: int, late: float = 0.3) -> int | None:
        """Mostly at once; sometimes days later; rarely, as a file may claim, before it happened."""
        if self.chance(late):
            return self.moment(occurred, min(occurred + 30 * DAY, END + DAY))
        if self.chance(0.02):
            return occurred - self.random.choice([1, GRID, DAY])
        return occurred if self.chance(0.5) else None

    def tell(self) -> None:
        self.world.contacts += [Contact(one) for one in self.random.sample(self.people, len(self.people) * 2 // 3)]
        for contact in self.people:
            self.touches(contact)
            self.traits(contact)
            self.identities(contact)
            self.moves(contact)
        self.verdicts()
        for rows in (self.world.touches, self.world.traits, self.world.links, self.world.transitions):
            self.random.shuffle(rows)

    # Touches and whose they are

    def touches(self, contact: str) -> None:
        first = self.moment(START, START + DAYS * DAY // 2)
        for _ in range(self.random.choice([0, 2, 6, 12, 20])):
            self.touch(self.moment(first), contact=contact)

    def touch(self, at: int, **whose: Any) -> None:
        random, kind = self.random, self.random.choices(KINDS, HEAVY)[0]
        named = Touch(
            f"t{len(self.world.touches)}",
            kind,
            at,
            recorded_at=self.learnt(at),
            properties=self.properties(kind),
            **whose,
        )
        machine = random.choices([None, False, True], [6, 3, 1])[0]
        asset = random.choice(["a1", "a2", "a3"]) if self.chance(0.5) else ""
        campaign = random.choice(["c1", "c2"]) if self.chance(0.3) else ""
        channel = random.choice(["", "mail", "web"])
        self.world.touches.append(replace(named, machine=machine, asset=asset, campaign=campaign, channel=channel))

    def properties(self, kind: str) -> dict[str, Any]:
        names = ["by", "result"] if kind == "verified" else ["path", "topic", "amount", "until"]
        given: dict[str, Any] = {name: values_of(name, self.random) for name in names if self.chance(0.7)}
        if kind != "verified" and self.chance(0.1):
            given[self.random.choice(names)] = ""
        if kind != "verified" and not self.files:
            self.enrich(given)
        return given

    def enrich(self, given: dict[str, Any]) -> None:
        """Lists and JSON numbers, which a file cannot say."""
        if self.chance(0.2):
            given["amount"] = self.random.choice(FIGURES["amount"])
        if self.chance(0.2):
            given["tags"] = [values_of("topic", self.random) for _ in range(self.random.randrange(3))]
        elif self.chance(0.2):
            given["tags"] = [*given.get("tags", []), self.random.choice([5, "20", " 99.5"])]

    def identities(self, contact: str) -> None:
        for number in range(self.random.choice([0, 0, 1, 2])):
            name = f"v-{contact}-{number}"
            first = self.moment(START, START + DAYS * DAY // 2)
            for _ in range(self.random.randrange(2, 9)):
                self.touch(self.moment(first, first + 60 * DAY), anonymous_id=name)
            if self.chance(0.85):
                self.link(name, contact, self.moment(first, first + 60 * DAY))

    def link(self, name: str, contact: str, at: int) -> None:
        self.world.links.append(Link(name, contact, at))
        while self.chance(0.35):
            at = self.moment(at, at + 20 * DAY)
            contact = self.random.choice(["", contact, *self.random.sample(self.people, 1)])
            self.world.links.append(Link(name, contact, at))

    def verdicts(self) -> None:
        for touch in self.world.touches:
            if not self.chance(0.15):
                continue
            at, machine = touch.occurred_at, self.chance(0.6)
            for _ in range(self.random.choice([1, 1, 2, 3])):
                at = self.moment(at, at + 20 * DAY)
                self.world.verdicts.append(Verdict(touch.external_id, machine, at))
                machine = not machine if self.chance(0.8) else machine

    # Values

    def traits(self, contact: str) -> None:
        if self.chance(0.85):
            self.trait(contact, "contact.company", self.random.choice(self.companies))
        for _ in range(self.random.randrange(3, 9)):
            name = self.random.choice(FIELDS)
            self.trait(contact, name, "" if self.chance(0.08) else values_of(name, self.random))

    def trait(self, contact: str, name: str, text: str) -> None:
        at = START if self.chance(0.4) else self.moment()
        company = self.random.choice(self.companies) if name.startswith("company.") else ""
        if name.startswith("contact.") and name != "contact.company" and self.chance(0.05):
            company = self.random.choice(self.companies)
        self.world.traits.append(Trait(contact, name, text, at, self.learnt(at, 0.4), company))

    def attributes(self) -> None:
        for of, names, name in [("asset", ["a1", "a2", "a3"], n) for n in ("topic", "minutes")] + [
            ("campaign", ["c1", "c2"], "goal")
        ]:
            for external_id in names:
                at = self.moment(START, START + 60 * DAY)
                text = values_of(f"{of}.{name}", self.random)
                self.world.attributes.append(Attribute(of, external_id, name, text, at, at))

    # Passages

    def moves(self, contact: str) -> None:
        for _ in range(self.random.choice([0, 0, 1, 2, 4])):
            at = self.moment(START + 10 * DAY)
            self.world.transitions.append(
                Transition(
                    contact, self.random.choice(MOVES), at, self.learnt(at, 0.4), self.random.choice(["", "timing"])
                )
            )

    def retract(self, *, undone: bool) -> None:
        kinds = ["touches", "traits", "links", "verdicts", *(["transitions"] if undone else [])]
        for kind in kinds:
            for index, row in enumerate(getattr(self.world, kind)):
                if self.chance(0.05):
                    recorded = getattr(row, "occurred_at", 0) if row.recorded_at is None else row.recorded_at
                    at = self.moment(recorded + 1, recorded + 30 * DAY)
                    self.world.retractions.append(Retraction(kind, index, at))


class _Document:
    """A document in the making. Segments refer to earlier ones only, so there is no cycle."""

    def __init__(self, random: Random, *, files: bool) -> None:
        self.random = random
        self.files = files
        self.of_company = random.choice([0, 0, 0.3])
        self.segments: dict[str, Any] = {}
        self.readiness: list[dict[str, Any]] = []

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def whole(self) -> dict[str, Any]:
        for number in range(self.random.randrange(1, 4)):
            self.segments[f"segment_{number}"] = self.plain(2)
        for number in range(self.random.randrange(1, 3)):
            self.readiness.append({"id": f"ready_{number}", "label": f"Ready {number}", "when": self.plain(1)})
        made: dict[str, Any] = {"accord": 1, "name": "Random", "effective": "2026-01-01", "review_by": "2026-12-31"}
        if self.chance(0.8):
            made["zone"] = self.random.choice(ZONES)
        if self.chance(0.25):
            made["scope"] = self.scope()
        made |= {"segments": self.segments, "readiness": self.readiness, "leads": self.leads()}
        made |= {"scoring": self.scoring(), "qualified": self.qualified()}
        return made

    def scope(self) -> dict[str, Any]:
        if self.chance(0.5):
            return {"share": self.random.choice([0.5, 0.8]), "salt": f"pilot-{self.random.randrange(9)}"}
        return {"any": [self.plain(1), {"not": self.field()}]}

    def leads(self) -> dict[str, Any]:
        opening: dict[str, Any] = {"touch": self.random.sample(KINDS[:7], self.random.randrange(2, 6))}
        if self.chance(0.15):
            opening["where"] = [self.where()]
        leads: dict[str, Any] = {"open_on": opening}
        if self.chance(0.5):
            leads["requalify"] = {"fresh": self.chance(0.7), "wait_days": self.random.choice([0, 0, 3, 10])}
        return leads

    # Conditions

    def operation(self, name: str) -> dict[str, Any]:
        if self.chance(0.08):
            return {"known": self.chance(0.7)}
        if name in SPELT:
            return self.on_text(name)
        if name in DATES:
            return {self.random.choice(["at_least", "at_most", "is"]): self.random.choice(DATES[name])}
        return self.on_number(name)

    def on_text(self, name: str) -> dict[str, Any]:
        random, text = self.random, values_of(name, self.random)
        if self.chance(0.06):
            return self.random.choice([{"at_least": 10}, {"is": 20}, {"in": [50, text]}])
        make: Sequence[Callable[[], dict[str, Any]]] = [
            lambda: {"is": text},
            lambda: {"in": [text, *(values_of(name, random) for _ in range(2))]},
            lambda: {"contains": text.strip()[1:4] or text},
            lambda: {"starts_with": text.strip()[:2]},
        ]
        return random.choice(make)()

    def on_number(self, name: str) -> dict[str, Any]:
        figure = self.random.choice(FIGURES[name])
        if self.chance(0.06):
            return self.random.choice([{"is": str(figure)}, {"contains": "5"}, {"at_least": str(figure)}])
        if self.chance(0.25):
            return self.random.choice([{"is": figure}, {"in": [figure, 7, "20"]}])
        return {self.random.choice(["at_least", "at_least", "at_most"]): figure}

    def field(self) -> dict[str, Any]:
        name = self.random.choice(ASKED)
        return {"field": name, **self.operation(name)}

    def plain(self, depth: int) -> dict[str, Any]:
        """A condition that segments, readiness, fit rules and scope may hold."""
        kind = self.random.choice(["field"] * 4 + ["all", "any", "not", "segment"]) if depth else "field"
        if kind == "all":
            return {"all": [self.plain(depth - 1) for _ in range(self.random.randrange(0, 3))]}
        if kind == "any":
            return {"any": [self.plain(depth - 1) for _ in range(self.random.randrange(1, 4))]}
        if kind == "not":
            return {"not": self.random.choice([self.field(), *self.named()])}
        named = self.named()
        return self.random.choice(named) if kind == "segment" and named else self.field()

    def named(self) -> list[dict[str, Any]]:
        segments: list[dict[str, Any]] = [{"segment": name} for name in self.segments]
        return segments + [{"readiness": one["id"]} for one in self.readiness]

    def where(self) -> dict[str, Any]:
        kinds = ["path", "topic", "amount", "until", "path", "topic"] + ([] if self.files else ["tags"])
        if not self.files and self.chance(0.25):
            name = self.random.choice(["asset.topic", "asset.minutes", "campaign.goal"])
            of, _, attribute = name.partition(".")
            return {of: attribute, **self.operation(name)}
        name = self.random.choice(kinds)
        like = self.random.choice(["topic", "amount"]) if name == "tags" else name
        return {"property": name, **self.operation(like)}

    def touch(self) -> dict[str, Any]:
        kinds = self.random.sample(KINDS[:7], self.random.randrange(1, 4))
        made: dict[str, Any] = {"touch": kinds[0] if len(kinds) == 1 else kinds}
        if self.chance(0.3):
            made["where"] = [self.where() for _ in range(self.random.choice([1, 1, 2]))]
        if self.chance(self.of_company):
            made["of"] = "company"
        return made

    def count(self) -> dict[str, Any]:
        made: dict[str, Any] = {"count": self.touch(), "at_least": self.random.choice([1, 2, 2, 3])}
        if self.chance(0.5):
            made["within_days"] = self.random.choice([3, 7, 14, 30])
        if self.chance(0.5):
            made["distinct"] = self.random.choice(["day", "asset", "topic", "path"])
        return made

    def score(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"score": "total", "at_least": self.random.choice([12, 20, 30])},
                {"score": "engagement", "at_least": self.random.choice([8, 15, 25])},
                {"all": [{"score": "fit", "at_least": self.random.choice([0, 5, 10])}, self.count()]},
            ]
        )

    def clause(self) -> dict[str, Any]:
        parts = [self.score() if self.chance(0.5) else self.count()]
        if self.chance(0.4):
            parts.append(self.random.choice([self.plain(1), {"any": [self.plain(1), self.count()]}, *self.named()]))
        return {"all": parts}

    def qualified(self) -> dict[str, Any]:
        """Any of two or three clauses; the check of inside sales beside another."""
        clauses = [self.clause() for _ in range(self.random.choice([1, 2]))]
        check = {"verified": "inside_sales"}
        clauses.append({"all": [check, self.random.choice([self.count(), {"not": self.field()}])]})
        return {"any": clauses}

    # Scoring

    def scoring(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "fit": [
                {"id": f"fit_{number}", "points": self.random.choice([5, 10, 15, -10, 2.5]), "when": self.plain(2)}
                for number in range(self.random.randrange(2, 6))
            ],
            "engagement": [self.rule(f"rule_{number}") for number in range(self.random.randrange(3, 8))],
        }
        if self.chance(0.6):
            made["groups"] = {"content": {"cap": self.random.choice([10, 20])}}
        if self.chance(0.5):
            made["engagement_cap"] = self.random.choice([30, 60])
        if self.chance(0.8):
            made["grades"] = {"fit": {"A": 15, "B": 5, "C": 1}, "engagement": {"1": 25, "2": 10, "3": 1}}
        return made

    def rule(self, name: str) -> dict[str, Any]:
        penalty = self.chance(0.2)
        made: dict[str, Any] = {"id": name, "points": self.random.choice([-6, -12] if penalty else [3, 5, 8, 7.5])}
        made["when"] = {"touch": "unsubscribe"} if penalty and self.chance(0.5) else self.touch()
        if self.chance(0.4):
            made["group"] = self.random.choice(["content", "intent"])
        if self.chance(0.7):
            made["half_life_days"] = self.random.choice([1, 7, 14, 30])
        if self.chance(0.25):
            made["once"] = True
        if self.chance(0.4):
            made["cap"] = self.random.choice([10, 16])
        return made


# Files


def write(world: World, folder: Path) -> list[tuple[str, Path]]:
    """The six files for `accord import KIND FILE --history`, in the order in which to import them.

    Raises ValueError for a world with what files cannot say: make it with `files=True`.
    """
    if world.retractions or world.attributes:
        raise ValueError("Retractions and attributes cannot be said in files.")
    return [(kind, _file(folder / f"{kind}.csv", kind, getattr(world, kind))) for kind in COLUMNS]


def _file(path: Path, kind: str, rows: Iterable[Any]) -> Path:
    cells = [_cells(kind, row) for row in rows]
    further = sorted({name for row in cells for name in row} - set(COLUMNS[kind]))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*COLUMNS[kind], *further], restval="")
        writer.writeheader()
        writer.writerows(cells)
    return path


def _cells(kind: str, row: Any) -> dict[str, str]:
    further: Mapping[str, Any] = row.properties if kind == "touches" else row.fields if kind == "contacts" else {}
    return {name: _cell(name, getattr(row, name)) for name in COLUMNS[kind]} | dict(further)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_at"):
        return (EPOCH + timedelta(microseconds=value)).isoformat()
    return str(value).lower() if isinstance(value, bool) else value
