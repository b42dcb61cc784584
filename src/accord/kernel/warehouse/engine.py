"""The engine that runs the expressions: DuckDB in process, or Spark over the same files.

An engine is used by one thread at a time: threads that share an Ibis connection hang or fail.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
from django.conf import settings

GIGABYTE = 2**30


def threads() -> int:
    return min(os.cpu_count() or 1, 8)


def memory_limit() -> str:
    """A quarter of the machine for one engine: pages, capture and the worker live here too."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{max(whole // 4, GIGABYTE // 2) // 2**20}MB"


class Engine:
    """A connection with the tables of the generations that it has read."""

    def __init__(self, spill: Path) -> None:
        self.connection = connect(settings.WAREHOUSE, spill)
        self._views: set[str] = set()

    def table(self, name: str, files: Sequence[Path]) -> ibis.Table:
        if name in self._views:
            return self.connection.table(name)
        self._views.add(name)
        return self.connection.read_parquet([str(file) for file in files], table_name=name)

    def forget(self, all_but: str) -> None:
        """Drop the views of other generations: their files may be gone."""
        for name in [view for view in self._views if not view.endswith(all_but)]:
            self.connection.drop_view(name, force=True)
            self._views.discard(name)


def connect(url: str, spill: Path) -> Any:
    """`duckdb://`, or `pyspark://` with a Spark master such as local[2]."""
    kind, _, rest = url.partition("://")
    if kind == "duckdb":
        return ibis.duckdb.connect(":memory:", threads=threads(), memory_limit=memory_limit(), temp_directory=str(spill))
    if kind == "pyspark":
        return _spark(rest)
    raise ValueError(f"ACCORD_WAREHOUSE is {url}; it must begin with duckdb:// or pyspark://")


def _spark(master: str) -> Any:
    # An extra of its own: only a house that has Spark installs it.
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = SparkSession.builder.master(master).config("spark.sql.session.timeZone", "UTC")
    quiet = session.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "4").getOrCreate()
    return ibis.pyspark.connect(quiet)
