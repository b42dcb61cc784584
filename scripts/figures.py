"""What the figures of a bench say, beside what is aimed at: a row each for the page of proofs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

WHOLE = 1_000_000  # contacts for which the aims of the judge are said
NAMED = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
UNNOTICED = 100  # ms: what a person takes for at once
PAGE = 60  # ms on the server
REPORT = 2  # s over ten million touches, from a mirror that is fresh
DESK = 150  # ms on the server, for every answer that a seller waits for
Found = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """`must`: not a speed but an answer, which is right on every machine or wrong."""

    what: str
    where: str
    measured: str
    aim: str = ""
    holds: bool | None = None
    must: bool = False

    @property
    def wrong(self) -> bool:
        return self.must and self.holds is False

    def __str__(self) -> str:
        failing = "**wrong**" if self.must else "*missed*"
        verdict = {None: "", True: "reached" if not self.must else "right", False: failing}[self.holds]
        cells = (self.what, self.where, self.measured, self.aim, verdict)
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def at_least(what: str, where: str, measured: float, aim: float) -> Row:
    return Row(what, where, f"{measured:,.0f}", f"≥ {aim:,.0f}", measured >= aim)


def below(what: str, where: str, milliseconds: float, aim: float) -> Row:
    return Row(what, where, f"{milliseconds:,.1f} ms", f"< {aim:,.1f} ms", milliseconds < aim)


def beside(what: str, where: str, measured: float | None, unit: str = "") -> Row:
    """A figure to compare with, without an aim of its own."""
    return Row(what, where, "none" if measured is None else f"{measured:,}{unit}")


def right(what: str, where: str, answer: bool) -> Row:
    return Row(what, where, "yes" if answer else "no", "yes", answer, must=True)


def importing(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, ours, bare = NAMED[one["database"]], one["import"], one["bare executemany"]["per_second"]
        once = ours["created"] == ours["again_unchanged"] == ours["rows"]
        rows += [
            at_least(f"{ours['rows']:,} contacts for the first time, rows a second", where, ours["per_second"], 8000),
            beside("the same file again, rows a second", where, ours["again_per_second"]),
            beside("baseline: the bare cells by `executemany`, rows a second", where, bare),
            right("every row made one contact, and none the second time", where, once),
        ]
    return rows


def journal(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, slow = NAMED[one["database"]], "a reaction that computes"
        ours, baseline = one["computing outside the transaction"], one["baseline: computing inside it"]
        rows += [
            beside("a click alone, p99", where, one["alone"]["p99_ms"], " ms"),
            beside(f"a click beside {slow}, p50", where, ours["p50_ms"], " ms"),
            below(f"a click beside {slow}, p99", where, ours["p99_ms"], UNNOTICED),
            beside(f"baseline: beside {slow} in its transaction, p50", where, baseline["p50_ms"], " ms"),
            beside(f"baseline: beside {slow} in its transaction, p99", where, baseline["p99_ms"], " ms"),
        ]
    return rows


def mirror(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, scanner = NAMED[one["database"]], one["scanner_rows_per_second"]
        refreshed = one["rows"] / one["full_refresh_seconds"]
        rows += [
            at_least(f"the first refresh, {one['rows']:,} touches, rows a second", where, refreshed, 300_000),
            beside("touches exported by the scanner, a second", where, scanner),
            beside("baseline: touches exported by a plain cursor, a second", where, one["cursor_rows_per_second"]),
            beside(f"a refresh after {one['new_rows']:,} new touches", where, one["refresh_seconds"], " s"),
            beside("a refresh without news", where, one["idle_refresh_seconds"], " s"),
            right("all touches are mirrored", where, one["mirrored"]),
            *([right("scanner and cursor give the same rows", where, one["same_rows"])] if scanner else []),
        ]
    return rows


def pages(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        few, many = (size for size in one if size != "database")
        for page, figures in one[many].items():
            before = one[few][page]
            measured = f"{_page(figures)} at {many}; {_page(before)} at {few}"
            same, fast = before["queries"] == figures["queries"], figures["p95_ms"] < PAGE
            aim = f"p95 < {PAGE} ms, as many queries"
            rows.append(Row(page, NAMED[one["database"]], measured, aim, same and fast, must=not same))
    return rows


def _page(figures: Found) -> str:
    return f"{figures['p95_ms']} ms, {figures['queries']} queries"


def desk(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where = NAMED[one["database"]]
        for what, figures in one["pages"].items():
            fast = None if what.startswith("baseline") else figures["p95_ms"] < DESK
            aim = "" if fast is None else f"p95 < {DESK} ms"
            rows.append(Row(what, where, f"{_page(figures)}, p50 {figures['p50_ms']} ms", aim, fast))
        shared = f"{one['leads']:,} open leads of {one['sellers']} sellers: each is in a queue"
        rows.append(right(shared, where, one["queue"] * one["sellers"] == one["leads"]))
    return rows


def api(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        processes = f", {one['workers']} web processes" if one["workers"] > 1 else ""
        where, aim = NAMED[one["database"]] + processes, 300 if one["database"] == "postgresql" else 150
        ours, bare = one["a lead with its contact"], one["baseline: one INSERT"]["per_second"]
        rows += [
            at_least(f"leads with their contact, {one['clients']} clients, a second", where, ours["per_second"], aim),
            below("a lead with its contact, p95", where, ours["p95_ms"], 150),
            beside("leads of a known contact, a second", where, one["a lead of a known contact"]["per_second"]),
            beside("baseline: a bare view that inserts one row, a second", where, bare),
            at_least("leads in batches, a second", where, one["leads:batch"]["leads_per_second"], 3000),
        ]
    return rows


def capture(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where = NAMED[one["database"]]
        aims = (35_000, 2_000) if one["database"] == "postgresql" else (45_000, 6_000)
        rated, what = one["at the rate aimed at"], f"events in batches of 100 at {aims[0]:,} a second"
        rows += [
            beside(f"{what}, p99 from when each was due", where, rated["p99_ms"], " ms"),
            beside(f"a page beside {what}, p99 in ms", where, rated["click"]["p99_ms"]),
        ]
        for way, aim in zip(("batches of 100", "single"), aims, strict=True):
            ours, what = one[way], "events in batches of 100" if way != "single" else "single events"
            rows += [
                at_least(f"{what}, 16 connections, a second", where, ours["per_second"], aim),
                below(f"{what}, p99", where, ours["p99_ms"], 70),
                beside(f"a page beside {what}, p99 in ms", where, ours["click"]["p99_ms"]),
                beside(f"taken in meanwhile by the worker, of {what}", where, ours["taken_in"]),
                beside(
                    f"baseline: {what} into a handler that keeps nothing, a second",
                    where,
                    one["bare"][way]["per_second"],
                ),
                beside(
                    f"baseline: {what} into a Django view with the ORM, a second", where, one["orm"][way]["per_second"]
                ),
            ]
    return rows


def live(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, rate = NAMED[one["database"]], f"{one['per_second']} touches a second"
        left = one["waiting_at_the_end"]["contacts"]
        rows += [
            below(f"from a touch to qualified at {rate}, p95", where, one["p95_s"] * 1000, 2000),
            beside(f"from a touch to qualified at {rate}, p50", where, one["p50_s"], " s"),
            beside("of so many qualifications", where, one["measured"]),
            beside("a click through the leads meanwhile, p95", where, one["click_p95_ms"], " ms"),
            beside("contacts that wait for the judge at the end", where, left),
            right("the judge came to an end", where, one["caught_up_s"] is not None),
        ]
    return rows


def rescore(found: list[Found]) -> list[Row]:
    same = "the_loop_gives_the_same"
    return _judged(found, "scores of", 8000, same, "a loop over single leads gives the same scores")


def replay(found: list[Found]) -> list[Row]:
    same = "a_sample_without_pruning_gives_the_same"
    return _judged(found, "qualifications of", 25_000, same, "without pruning the same leads qualify at the same times")


def _judged(found: list[Found], what: str, aim: int, same: str, means: str) -> list[Row]:
    rows = []
    for size, one in ((size, one) for sizes in found for size, one in sizes.items()):
        where, milliseconds = "DuckDB", one["seconds"] * 1000
        named = f"{what} {size} with {one['touches']:,} touches"
        whole = one["contacts"] == WHOLE
        rows += [
            below(named, where, milliseconds, aim) if whole else beside(named, where, one["seconds"], " s"),
            beside(f"peak memory at {size}", where, one["peak_memory_gib"], " GiB"),
            right(f"at {size} {means}", where, one[same]),
        ]
    return rows


def reports(found: list[Found]) -> list[Row]:
    """The aim is of a process that has answered before, when something came since: so it is nearly always."""
    rows = []
    for one in found:
        few, many = one
        for name, ways in one[many]["reports"].items():
            for way, took in ways.items():
                before = one[few]["reports"][name][way]
                measured = f"{_asked(took)}; with {few} {before['news']} s"
                holds = took["news"] < REPORT if many == f"{WHOLE:,} leads" else None
                rows.append(Row(f"{name}, {way}", many, measured, f"< {REPORT} s after news", holds))
        peak, lead_by_lead = one[many]["peak_memory_gib"], one[many]["baseline"]
        rows += [
            beside("peak memory of the process", many, peak, " GiB"),
            beside("baseline: the funnel lead by lead", many, lead_by_lead["lead_by_lead_seconds"], " s"),
            right("the funnel lead by lead says the same", many, lead_by_lead["the_funnel_is_the_same"]),
        ]
    return rows


def _asked(took: Found) -> str:
    again, first = took["median_seconds"], took["nothing_kept"]
    return f"{took['news']} s after news, {again:.2f} s again, {first} s as the first of a process"


def assign(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, whole, fifth = NAMED[one["database"]], one["whole"], one["fifth"]
        rows += [
            at_least(f"{one['leads']:,} leads handed over, a second", where, whole["per_second"], 2000),
            beside(f"{one['leads'] // 5:,} leads, a second", where, fifth["per_second"]),
            beside("baseline: one by one, a second", where, one["one by one"]["per_second"]),
            right("each handed over once, and nobody more than one ahead", where,
                  whole["handed"] == one["leads"] and whole["most_ahead"] <= 1),
        ]  # fmt: skip
    return rows


def sweep(found: list[Found]) -> list[Row]:
    rows = []
    for one in found:
        where, clocks = NAMED[one["database"]], f"{one['due']:,} of {one['clocks']:,} clocks due"
        rows += [
            below(f"{clocks}, swept", where, 1000 * one["seconds"], 1000),
            beside("a sweep that finds nothing due", where, one["nothing_due_ms"], " ms"),
            beside("baseline: looking at every clock", where, one["baseline: looking at every clock"], " s"),
            right("each broken once", where, one["broken"] == one["due"] == one["were_due"] and one["again"] == 0),
        ]
    return rows


READERS: dict[str, Callable[[list[Found]], list[Row]]] = {
    "api": api,
    "assign": assign,
    "capture": capture,
    "desk": desk,
    "importing": importing,
    "journal": journal,
    "live": live,
    "mirror": mirror,
    "pages": pages,
    "replay": replay,
    "reports": reports,
    "rescore": rescore,
    "sweep": sweep,
}


def plainly(found: list[Found]) -> list[Row]:
    """The figures of a bench that nobody has said more about here."""
    return [
        Row(what, NAMED.get(one.get("database", ""), ""), value) for one in found for what, value in _flat(one) if value
    ]


def _flat(found: Found, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}: ")
        elif name != "database":
            shown = f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
            yield f"{prefix}{name}".replace("_", " "), shown
