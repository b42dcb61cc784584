"""A running Accord, for tests that speak HTTP with it."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import httpx

from accord.kernel import clock
from tests.tables import on_sqlite

ROOT = Path(__file__).parents[1]
UVICORN = ["-m", "uvicorn", "accord.asgi:application", "--lifespan", "off", "--log-level", "warning", "--port"]
SERVE = ["-m", "accord.cli", "serve", "--port"]
PATIENCE = 60  # seconds
# Runs what it is told, line by line, in one process: each further one would cost seconds to start.
HAND = """
import contextlib, io, json, sys, traceback
from accord.cli import set_up
set_up()
from accord.cli.app import app
told, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    kind, what = json.loads(line)
    said, wrong = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(said):
            app(what, standalone_mode=False) if kind == "accord" else exec(what, {})
    except BaseException:
        wrong = traceback.format_exc()
    print(json.dumps([said.getvalue(), wrong]), file=told, flush=True)
"""
KEYS = """
import json
from accord.kernel import clock
from tests.tables import on_sqlite
from accord.rooms.team.models import ApiKey
made = [ApiKey.make(name=name, scope="capture", role="admin", by=None, at=clock.now()) for name in NAMES]
print(json.dumps([[key.pk, secret] for key, secret in made]))
"""
STORED = """
from accord.rooms.capture.queries import looking
with looking() as inbox:
    print(inbox.queue(0).events)
"""


class Served:
    """A home with tables; its web, which can be killed and started again at the same address; and a hand within."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        home = Path(self.environment["ACCORD_HOME"])
        home.mkdir(exist_ok=True)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "test.log"
        self.web: subprocess.Popen | None = None
        self._hand = self._run("-c", HAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @classmethod
    def at(cls, home: Path) -> "Served":
        """A new home on SQLite."""
        on_sqlite(home)
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return cls({**environment, "ACCORD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "accord.settings"})

    def start(self, command: list[str] = SERVE) -> "Served":
        """The web and its worker, or with UVICORN the web alone."""
        self.web = self._run(*command, str(self.port), stdout=subprocess.DEVNULL)
        until(self._answers)
        return self

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self.web:
            self.web.send_signal(by)
            self.web.wait(PATIENCE)
            self.web = None

    def close(self) -> None:
        self.stop()
        assert self._hand.stdin
        self._hand.stdin.close()
        self._hand.wait(PATIENCE)

    def worker(self) -> int:
        """The process of the worker that `accord serve` has started."""
        assert self.web
        found = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        assert len(found) == 1
        return int(found[0])

    def python(self, code: str) -> str:
        """Run code in this home; what it prints."""
        return self._tell("python", code)

    def accord(self, *words: object) -> str:
        """Run a command of `accord` in this home; what it prints."""
        return self._tell("accord", list(map(str, words)))

    def keys(self, *names: str) -> list[tuple[int, str]]:
        """A key for each name: its id and its secret."""
        return [(number, secret) for number, secret in json.loads(self.python(f"NAMES = {names!r}\n{KEYS}"))]

    def stored(self) -> int:
        """How many events stand in the inbox, taken or not."""
        return int(self.python(STORED))

    def errors(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "Traceback" in line or '"level": "error"' in line]

    def _tell(self, kind: str, what: object) -> str:
        assert self._hand.stdin
        assert self._hand.stdout
        self._hand.stdin.write(json.dumps([kind, what]) + "\n")
        self._hand.stdin.flush()
        said, wrong = json.loads(self._hand.stdout.readline())
        assert wrong is None, wrong
        return said

    def _run(self, *words: str, **more) -> subprocess.Popen:
        with self.log.open("a") as log:
            return subprocess.Popen([sys.executable, *words], env=self.environment, cwd=ROOT, stderr=log, **more)

    def _answers(self) -> bool:
        try:
            # Reading in the certificates takes longer than the answer, and here there are none.
            return httpx.get(f"{self.url}/healthz", verify=False).status_code == 200
        except httpx.TransportError:
            return False


def packed(body: object) -> bytes:
    return gzip.compress(json.dumps(body).encode(), mtime=0)


def until(what: Callable[[], object], seconds: float = PATIENCE, every: float = 0.05) -> None:
    """Wait until it is so."""
    end = clock.machine() + timedelta(seconds=seconds)
    while not what():
        assert clock.machine() < end, "waited too long"
        time.sleep(every)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
