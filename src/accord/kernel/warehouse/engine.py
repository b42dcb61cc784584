"""The engine that runs the expressions: DuckDB in process, or Spark over the same files.

An engine is used by one thread at a time: threads that share an Ibis connection hang or fail.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
from django.conf import settings

MEGABYTE = 2**20


def threads() -> int:
    return min(os.cpu_count() or 1, 8)


def memory_limit() -> str:
    """A quarter of the machine for one engine: pages, capture and the worker live here too."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{max(whole // MEGABYTE // 4, 512)}MB"


class Engine:
    """A connection with views over the tables of the generations that it has read."""

    def __init__(self, spill: Path) -> None:
        kind, _, master = settings.WAREHOUSE.partition("://")
        if kind not in ("duckdb", "pyspark"):
            raise ValueError(f"ACCORD_WAREHOUSE is {settings.WAREHOUSE}; it begins with duckdb:// or pyspark://")
        self._spark = _spark(master) if kind == "pyspark" else None
        self.connection = ibis.pyspark.connect(self._spark) if self._spark else _duckdb(spill)
        self._views: dict[str, ibis.Table] = {}

    def table(self, name: str, files: Sequence[Path]) -> ibis.Table:
        if name not in self._views:
            self._register(name, [str(file) for file in files])
            self._views[name] = self.connection.table(name)  # asking for it again would describe it again
        return self._views[name]

    def forget(self, all_but: str) -> None:
        """Drop the views of other generations: their files may be gone."""
        for name in [view for view in self._views if not view.endswith(all_but)]:
            if self._spark:
                self._spark.catalog.dropTempView(name)
            else:
                self.connection.drop_view(name)
            del self._views[name]

    def _register(self, name: str, files: list[str]) -> None:
        if self._spark:
            self._spark.read.parquet(*files).createOrReplaceTempView(name)
        else:
            self.connection.read_parquet(files, table_name=name)


def _duckdb(spill: Path) -> Any:
    return ibis.duckdb.connect(":memory:", threads=threads(), memory_limit=memory_limit(), temp_directory=str(spill))


def _spark(master: str) -> Any:
    # An extra of its own: only a house that has Spark installs it.
    from pyspark.sql import SparkSession  # noqa: PLC0415

    named = SparkSession.builder.master(master or "local[*]").appName("accord")
    return named.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "4").getOrCreate()
