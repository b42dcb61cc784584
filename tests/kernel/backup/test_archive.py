"""The archive of a backup: whole or refused, wherever it was hurt."""

import json
import os
import tarfile
from datetime import UTC, datetime

import pytest

from accord.kernel.backup import archive
from accord.kernel.backup.archive import Archive, Manifest, Meter, Unusable, Writer

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def meter() -> Meter:
    return Meter(lambda done, total: None, 0)


@pytest.fixture
def made(tmp_path):
    """An archive with one part as it is and one compressed."""
    target = tmp_path / "backup.tar"
    (tmp_path / "note").write_bytes(b"plain words")
    (tmp_path / "database").write_bytes(b"0123456789" * 1000)
    with archive.aside(target) as folder:
        writer = Writer(folder, AT)
        writer.squeeze("main", tmp_path / "database", meter())
        writer.add("files/note", tmp_path / "note", meter())
        writer.finish(
            Manifest(accord="0.1.0", vendor="sqlite", at=AT, known_at=None, migrations=[("kernel", "0001_initial")],
                     parts=writer.parts), target
        )  # fmt: skip
    return target


def read(path) -> dict[str, bytes]:
    opened = Archive(path)
    try:
        opened.check(meter())
        with opened.unpacked("main", meter()) as main:
            return {"main": main.read(), "parts": ",".join(part.name for part in opened.manifest.parts).encode()}
    finally:
        opened.close()


def test_what_was_put_in_comes_out(made, tmp_path):
    assert read(made) == {"main": b"0123456789" * 1000, "parts": b"main.gz,files/note"}
    opened = Archive(made)
    opened.write("files/note", tmp_path / "home", meter())
    opened.close()
    assert (tmp_path / "home" / "files" / "note").read_bytes() == b"plain words"
    assert opened.manifest.at == AT


def test_any_tar_shows_what_is_in_it_and_nobody_else_may_read_it(made):
    with tarfile.open(made) as tar:
        assert tar.getnames() == ["main.gz", "files/note", "manifest.json", "manifest.sha256"]
        manifest = json.load(tar.extractfile("manifest.json"))
    assert {part["name"]: part["size"] for part in manifest["parts"]}["files/note"] == len(b"plain words")
    assert made.stat().st_mode & 0o777 == 0o600


def test_a_flipped_bit_anywhere_in_a_part_or_the_manifest_is_seen(made):
    whole = made.read_bytes()
    with tarfile.open(made) as tar:
        spans = [(m.offset_data, m.offset_data + m.size) for m in tar.getmembers() if m.name != "manifest.sha256"]
    places = [place for start, end in spans for place in range(start, end, 5)]
    assert len(places) > 50
    accepted = []
    for place in places:
        made.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            read(made)
        except Unusable:
            continue
        accepted.append(place)
    assert accepted == []


def test_an_archive_cut_short_is_no_backup(made):
    whole = made.read_bytes()
    with tarfile.open(made) as tar:
        end = tar.getmember("manifest.sha256").offset_data
    for length in range(0, end, 256):
        made.write_bytes(whole[:length])
        with pytest.raises(Unusable):
            read(made)


def test_an_archive_of_a_later_kind_is_refused(tmp_path):
    target = tmp_path / "later.tar"
    with archive.aside(target) as folder:
        later = Manifest(accord="0.1.0", vendor="sqlite", at=AT, known_at=None, migrations=[], format=2)
        Writer(folder, AT).finish(later, target)
    with pytest.raises(Unusable, match="needs another version of Accord"):
        Archive(target)


def test_a_part_does_not_leave_the_home(made, tmp_path):
    target = tmp_path / "other.tar"
    with archive.aside(target) as folder:
        writer = Writer(folder, AT)
        writer.add("files/../../outside", tmp_path / "note", meter())
        writer.finish(
            Manifest(accord="0.1.0", vendor="sqlite", at=AT, known_at=None, migrations=[], parts=writer.parts), target
        )
    opened = Archive(target)
    with pytest.raises(Unusable, match="belongs to no home"):
        opened.write("files/../../outside", tmp_path / "home", meter())
    opened.close()
    assert not (tmp_path / "outside").exists()


def test_a_backup_that_fails_leaves_nothing_and_takes_nothing_away(tmp_path):
    target = tmp_path / "backup.tar"
    target.write_bytes(b"the one before")

    def fails():
        with archive.aside(target) as folder:
            writer = Writer(folder, AT)
            writer.add("files/gone", tmp_path / "gone", meter())

    with pytest.raises(FileNotFoundError):
        fails()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("backup.tar", b"the one before")]


def test_what_a_killed_backup_left_goes_and_what_another_one_writes_stays(tmp_path):
    left = tmp_path / f"{archive.ASIDE}killed"
    left.mkdir()
    (left / "archive").write_bytes(b"half")
    with archive.aside(tmp_path / "one.tar") as one, archive.aside(tmp_path / "two.tar") as two:
        assert sorted(os.listdir(tmp_path)) == sorted([one.name, two.name])
    assert os.listdir(tmp_path) == []
