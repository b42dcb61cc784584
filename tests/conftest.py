import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from _pytest import runner
from django.test import Client

from accord.kernel import clock
from accord.rooms.team.models import House, Member, Team
from tests import programs
from tests.remembered import remembered
from tests.stack import in_one_piece
from tests.tables import on_postgresql, on_sqlite

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CAST = {
    "mara": ("marketing", "Mara Meier", "marketing"),
    "mila": ("marketing_lead", "Mila Berg", "marketing"),
    "ines": ("inside_sales", "Ines Ito", "sales"),
    "felix": ("field_sales", "Felix Roth", "sales"),
    "saul": ("sales_lead", "Saul Stein", "sales"),
    "sven": ("service", "Sven Vogt", "none"),
    "paula": ("partner", "Paula Pires", "sales"),
    "eva": ("executive", "Eva Lang", "none"),
    "ada": ("admin", "Ada Adler", "none"),
}


# What takes longest: programs that run as themselves, and files in which every test is a house of its own.
LONGEST = (
    "tests/crash/", "tests/demo/", "tests/journeys/", "tests/rooms/scoring/", "tests/cli/", "tests/scenarios/",
    "tests/intake/", "tests/rooms/insight/", "tests/web/today/", "tests/web/promises/", "tests/architecture/",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left with it while the others are done."""
    items.sort(
        key=lambda item: next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))
    )


PROTOCOL = in_one_piece(runner.pytest_runtest_protocol)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> object:
    """Below each test lies stack for all that it calls, so that none is taken and given back at every call."""
    return PROTOCOL(item, nextitem)


def pytest_collection_finish() -> None:
    """As in every process of the program: looking for cycles among what was imported costs a twentieth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)


@pytest.fixture
def at() -> datetime:
    return MONDAY


@pytest.fixture
def house(db) -> House:
    return House.get()


@pytest.fixture
@remembered
def cast(house, at) -> SimpleNamespace:
    """One member of every role, by first name."""
    with clock.moved_to(at):
        teams = {
            side: Team.objects.create(slug=side, name=side.title(), side=side)
            for side in ("marketing", "sales", "none")
        }
        members = {
            first: Member.join(
                email=f"{first}@house.example",
                name=name,
                role=role,
                team=teams[side],
                by=None,
                at=at,
                password="a long password",
            )
            for first, (role, name, side) in CAST.items()
        }
    return SimpleNamespace(**members)


@pytest.fixture
def as_() -> Callable[[Member], Client]:
    """A browser in which the member is signed in."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return signed_in


@pytest.fixture
def still(at):
    """Business time stands still on Monday morning."""
    with clock.moved_to(at):
        yield at


ROOT = Path(__file__).parents[1]


def needs(program: str) -> None:
    """Skip, saying so, where `make test` could not get a program."""
    if program in os.environ.get("ACCORD_TESTS_MISSING", "").split():
        pytest.skip(f"{program} is missing on this machine")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster of our own, as a database URL without a database."""
    needs("postgresql")
    folder = tempfile.mkdtemp(prefix="accord-postgres-")
    script = ROOT / "scripts" / "postgres.sh"
    url = subprocess.run([script, "start", folder], check=True, capture_output=True, text=True).stdout.strip()
    yield url.rpartition("/")[0]
    subprocess.run([script, "stop", folder], check=True, capture_output=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def scratch(request, tmp_path) -> "Scratch":
    """A home of its own whose database has nothing but its tables, for programs that run as themselves."""
    return new_home(tmp_path / "home", _cluster(request), tables=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request, tmp_path) -> "Scratch":
    """As `scratch`, without the tables."""
    return new_home(tmp_path / "home", _cluster(request))


def _cluster(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres") if request.param == "postgresql" else None


def new_home(folder: Path, cluster: str | None, *, tables: bool = False) -> "Scratch":
    """A home without anything in it; its database is in that cluster of PostgreSQL, if one is given."""
    environment = {**os.environ, "ACCORD_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "accord.settings"}
    environment.pop("DATABASE_URL", None)
    if cluster is None:
        if tables:
            on_sqlite(folder)
        return Scratch("sqlite", environment)
    return Scratch("postgresql", {**environment, "DATABASE_URL": on_postgresql(cluster, tables=tables)})


@dataclass(frozen=True)
class Scratch:
    vendor: str
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        return Path(self.environment["ACCORD_HOME"])

    def accord(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = programs.run(self.environment, list(map(str, words)))
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def start(self, *words: object, **more) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, *map(str, words)], env=self.environment, cwd=ROOT, text=True, **more)

    def python(self, code: str, *words: object) -> str:
        """Run code with Django set up; what it prints."""
        program = "import sys; from accord.cli import set_up; set_up()\n" + code
        done = programs.run(self.environment, list(map(str, words)), code=program)
        assert done.returncode == 0, done.stderr
        return done.stdout
