"""Programs of Accord, each a process of its own, forked from one that has imported what others wrote and all need.

Half of the time of a short program is that. What Accord itself is made of, and its settings, each imports for itself.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
# None of these looks at the settings of Django when it is imported. The threads that numpy, scipy and pyarrow start end
# before a fork and begin again after it.
READY = [
    "asyncio", "babel.dates", "django.contrib.auth", "django.db.models", "django.forms", "django.template", "duckdb",
    "email.policy", "holidays", "ibis", "icalendar", "numpy", "psycopg", "pyarrow.parquet", "pydantic", "ruamel.yaml",
    "scipy.special", "sqlglot", "ssl", "yaml",
]  # fmt: skip

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(READY)


def run(environment: Mapping[str, str], words: list[str], *, code: str = "") -> subprocess.CompletedProcess[str]:
    """`accord` with these words, or that code with them as its arguments, until it has ended."""
    with tempfile.TemporaryDirectory(prefix="accord-said-") as folder:
        said, complained = Path(folder, "said"), Path(folder, "complained")
        program = _server.Process(target=_program, args=(dict(environment), words, code, said, complained))
        program.start()
        program.join()
        assert program.exitcode is not None
        return subprocess.CompletedProcess(
            words, program.exitcode, said.read_text(encoding="utf-8"), complained.read_text(encoding="utf-8")
        )


def _program(environment: dict[str, str], words: list[str], code: str, said: Path, complained: Path) -> None:
    for number, path in ((1, said), (2, complained)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["accord", *words]
    if code:
        exec(code, {"__name__": "__main__"})
    else:
        # Only here: it reads the environment.
        from accord.cli import main

        main()
