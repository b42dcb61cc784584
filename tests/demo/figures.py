"""What demo/README.md states of the simulated company, worked out from a story and the reports over it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from accord import demo
from accord.demo import law, straight
from accord.demo.events import Called, Lost, Met, Offered, Opened, Together
from accord.demo.hours import SATURDAY
from accord.demo.sale import EURO
from accord.demo.season import Story
from accord.kernel.warehouse.generation import Generation
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question

BEGIN, UNTIL = datetime(2025, 11, 25, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
README = Path(demo.__file__).with_name("README.md")
ROW = re.compile(r"^\| (?P<name>[^|]+?) \| (?P<low>[\d.]+) \| (?P<high>[\d.]+) \|", re.MULTILINE)


def stated() -> dict[str, tuple[float, float]]:
    """The ranges of the table, by the name of the figure."""
    found = ROW.finditer(README.read_text(encoding="utf-8"))
    return {row["name"]: (float(row["low"]), float(row["high"])) for row in found}


def of(story: Story, folder: Path) -> dict[str, float]:
    """The same figures as this story has them."""
    read = straight.generation(story, UNTIL, folder)
    told = [part for event in story.events for part in (event.parts if isinstance(event, Together) else (event,))]
    worked_out: list[Callable[[], Iterator[tuple[str, float]]]] = [
        lambda: _steps(read), lambda: _stays(read), lambda: _deals(read, told), lambda: _calls(story, told),
        lambda: _days(story), lambda: _names(told), lambda: _campaigns(story, told),
    ]  # fmt: skip
    return {name: value for work_out in worked_out for name, value in work_out()}


def lines(read: Generation, name: str, **asked: object) -> list[dict]:
    report = reports.NAMES[name]
    return report.lines(report.answer(read, Question.asked(UNTIL, kinds=report.kinds, **asked)))


def _steps(read: Generation) -> Iterator[tuple[str, float]]:
    for line in lines(read, "funnel")[1:]:
        yield f"go on to {line['stage']}, of 100", 100 * line["expected"]


def _stays(read: Generation) -> Iterator[tuple[str, float]]:
    for line in lines(read, "velocity"):
        if line["kind"] == "stage":
            yield f"days in {line['of']}, median", line["median"]


def _deals(read: Generation, told: list) -> Iterator[tuple[str, float]]:
    lost = Counter(event.reason for event in told if isinstance(event, Lost))
    for reason, times in lost.items():
        yield f"lost for {reason}, of 100", 100 * times / lost.total()
    sizes = sorted(e.amount / 100 / EURO[e.who.company.place.currency] for e in told if isinstance(e, Offered))
    yield "deal in euros, median", median(sizes)
    yield "deal in euros, the largest tenth from", sizes[len(sizes) * 9 // 10]


def _calls(story: Story, told: list) -> Iterator[tuple[str, float]]:
    """While whoever asks is handed over at once, the hand-off is the entry."""
    plan, first = story.plan, {e.who: e.at for e in reversed(told) if isinstance(e, Called)}
    entered = {e.who: e.at for e in told if isinstance(e, Opened) and plan.generous <= e.at < plan.better}
    waited = [(first[who] - at).total_seconds() / 3600 for who, at in entered.items() if who in first]
    yield "called within a day of the hand-off, of 100 called", 100 * sum(h < 24 for h in waited) / len(waited)


def _days(story: Story) -> Iterator[tuple[str, float]]:
    forms = [entry.at for entry in story.entries if entry.origin in law.BY_FORM]
    weekend = sum(at.weekday() >= SATURDAY for at in forms)
    yield "forms sent at weekends, of 100", 100 * weekend / len(forms)
    by_month = Counter(at.month for at in forms)
    yield "forms in August, beside June and September", 2 * by_month[8] / (by_month[6] + by_month[9])


def _names(told: list) -> Iterator[tuple[str, float]]:
    people = [event.who for event in told if isinstance(event, Met)]
    names = Counter(who.name for who in people)
    yield "people of a name that another has too", sum(n for n in names.values() if n > 1)
    surnames = Counter(who.email.split("@")[0].rsplit(".", 1)[-1].rstrip("0123456789") for who in people)
    yield "the most frequent surname, of 100", 100 * surnames.most_common(1)[0][1] / len(people)


def _campaigns(story: Story, told: list) -> Iterator[tuple[str, float]]:
    came = Counter(entry.campaign.name for entry in story.entries)
    offered = {event.who for event in told if isinstance(event, Offered)}
    got = Counter(entry.campaign.name for entry in story.entries if entry.who in offered)
    for name in ("Prize draw: a season ticket", "Pump finder"):
        yield f"leads by {name}", came[name]
        yield f"deals of 100 leads by {name}", 100 * got[name] / came[name]
