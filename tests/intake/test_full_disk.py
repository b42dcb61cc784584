"""No room left: senders are asked to come again, nothing that was acknowledged is lost, and it recovers by itself."""

import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import new_home
from tests.crash.load import Load, expect_once
from tests.served import Served, until

MEGABYTE = 2**20
SMALL, RESERVE = 96, 24  # megabytes of the disk, and of them that are left alone
LATER, REFUSED = 600, 50  # events acknowledged once there is room again; requests refused while there is none


class Disk:
    """A small one; another file takes what is left on it, but for so much."""

    def __init__(self, home: Served) -> None:
        self.folder = Path(home.environment["ACCORD_HOME"])

    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self, left: int) -> None:
        with (self.folder / "filler").open("wb") as file:
            while (more := self.free() - left) > 0:
                file.write(b"\1" * min(more, MEGABYTE))
                file.flush()

    def make_room(self) -> None:
        (self.folder / "filler").unlink()


class Limit:
    """Files of the web and of its worker may not grow beyond a size: to them it is as if there were no more room."""

    def __init__(self, home: Served) -> None:
        assert home.web
        self.processes = (home.web.pid, home.worker())
        self.before = resource.prlimit(home.web.pid, resource.RLIMIT_FSIZE)

    def fill(self, _left: int) -> None:
        self._set(MEGABYTE)

    def make_room(self) -> None:
        self._set(self.before[0])

    def _set(self, size: int) -> None:
        for process in self.processes:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, self.before[1]))


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}m", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", folder], check=True)


def served_at(folder: Path, reserve: int) -> Iterator[Served]:
    home = Served({**new_home(folder / "home", None, tables=True).environment, "ACCORD_DISK_RESERVE_MB": str(reserve)})
    yield home.start()
    home.close()


@pytest.fixture
def careful(disk) -> Iterator[Served]:
    """A home that leaves a reserve."""
    yield from served_at(disk, RESERVE)


@pytest.fixture
def full(request, tmp_path) -> Iterator[tuple[Served, Disk | Limit]]:
    """A home without a reserve, and what takes its room away."""
    kind: Callable[[Served], Disk | Limit] = request.param
    for home in served_at(request.getfixturevalue("disk") if kind is Disk else tmp_path, 0):
        yield home, kind(home)


def refused_until_there_is_room(load: Load, room: Disk | Limit, left: int, meanwhile: Callable[[], object]) -> None:
    with load.running():
        load.until(LATER)
        room.fill(left)
        until(lambda: load.answered[429] >= REFUSED, every=0.01)
        meanwhile()
        room.make_room()
        load.until(LATER)
    assert set(load.answered) == {200, 429}
    load.again()


@pytest.mark.prove
def test_before_harm(careful):
    """With the reserve nothing ever meets a full disk, neither the web nor the worker."""
    load, disk, left = Load.on(careful), Disk(careful), []
    load.begin(careful)
    refused_until_there_is_room(load, disk, (RESERVE + 4) * MEGABYTE, lambda: left.append(disk.free()))
    careful.stop()
    assert left[0] > 4 * MEGABYTE
    assert careful.errors() == []
    expect_once(careful, load.name, load.acknowledged)


@pytest.mark.parametrize("full", [Limit, pytest.param(Disk, marks=pytest.mark.prove)], indirect=True)
def test_no_room_at_all(full):
    home, room = full
    load = Load.on(home)
    load.begin(home)
    refused_until_there_is_room(load, room, 0, lambda: None)
    home.stop()
    assert home.errors() != []  # it really was full
    expect_once(home, load.name, load.acknowledged)
