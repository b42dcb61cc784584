"""A mirror with the history of many contacts, written straight into Parquet files, the same for the same size.

Ten touches a contact, some by visitors who are known later, over two years; two values, some about companies; fifteen
moves for a hundred contacts; here and there a verdict, a retraction, something learnt late.
"""

from pathlib import Path

import duckdb
import ibis

from accord.kernel.warehouse.engine import Engine
from accord.kernel.warehouse.tables import Table

DAY = 86_400_000_000
START, DAYS = 1_735_689_600_000_000, 730  # from 2025-01-01 on
NOW = START + DAYS * DAY
TOUCHES = 10  # a contact
TABLES = ("touches", "links", "verdicts", "retractions", "traits", "transitions")
PASSAGES = Path(__file__).with_name("passages.sql")


def write(folder: Path, contacts: int, *, passages: bool = False) -> None:
    """The tables of the mirror that an agreement is judged by, one file each; with `passages` leads and deals too."""
    sizes = {
        "contacts": contacts, "touches": contacts * TOUCHES, "moves": contacts * 15 // 100,
        "companies": contacts // 20 + 1, "start": START, "days": DAYS,
    }  # fmt: skip
    with duckdb.connect() as engine:
        for name, size in sizes.items():
            engine.execute(f"SET VARIABLE {name} = {size}")
        engine.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        if passages:
            engine.execute(PASSAGES.read_text(encoding="utf-8"))
        for name in (*TABLES, "facts") if passages else TABLES:
            engine.execute(f"COPY (FROM {name}) TO '{folder / name}.parquet' (FORMAT parquet)")


class Ledger:
    """The files as tables of an engine."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine

    def table(self, of: Table) -> ibis.Table:
        return self.engine.table(f"history_{of.name}", [self.folder / f"{of.name}.parquet"])
