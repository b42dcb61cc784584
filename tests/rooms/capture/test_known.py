"""Repeats are found wherever their hashes stand: in memory, in rows not read yet, on their way, or in their table."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from accord.kernel.instants import to_micros
from accord.rooms.capture.events import admitted
from accord.rooms.capture.inbox import Arrived, Inbox, Kept, known, open_inbox
from accord.rooms.capture.inbox.store import DAY
from tests.rooms.capture.conftest import track
from tests.served import until

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]
YOUNG, TOGETHER, COMMITS = 40, 7, 30
PATIENCE = 2000  # commits that a busy machine may need until what is sorted aside has come


@pytest.fixture(autouse=True, params=[known.MANY, 0], ids=["sorted at once", "sorted aside"])
def sorting(request, monkeypatch):
    monkeypatch.setattr("accord.rooms.capture.inbox.known.MANY", request.param)


@pytest.fixture
def another(door) -> Iterator[Inbox]:
    """Of another process on the same home."""
    inbox = open_inbox()
    inbox.known.most = YOUNG
    yield inbox
    inbox.close()


@pytest.fixture
def first(door) -> Inbox:
    door.inbox.known.most = YOUNG
    return door.inbox


def sent(*ids: str) -> list[tuple[bytes, bytes]]:
    return [admitted(json.dumps(track("One", userId="u1", messageId=pk)).encode(), 1) for pk in ids]


def keep(inbox: Inbox, at, *ids: str) -> Kept:
    return inbox.keep([Arrived(1, to_micros(at), None, sent(*ids))])[0]


def names(commit: int) -> list[str]:
    return [f"m{commit}-{place}" for place in range(TOGETHER)]


def rows(inbox: Inbox, table: str) -> int:
    ((many,),) = inbox._rows(f"SELECT count(*) FROM {table}", ())
    return many


def day_of(at) -> int:
    return to_micros(at) // DAY


def table(at) -> str:
    return f"inbox_seen_{day_of(at)}"


def sifted(inbox: Inbox, at) -> None:
    """As after a while: all that the table of the day held is in the sieve."""
    until(lambda: inbox.known.sieves.ready(day_of(at)))


def move_on(inbox: Inbox, at, upto: int) -> int:
    """Let events come until the young row `upto` is gone; returns how many came."""
    more = 0
    while not next(inbox._rows("SELECT count(*) FROM inbox_moved WHERE upto >= {}", (upto,)))[0]:
        assert more < PATIENCE
        more += keep(inbox, at, f"n{more}").new
    return more


def test_while_hashes_move_two_processes_and_a_new_one_know_every_event(first, another, at):
    moved = set()
    for commit in range(COMMITS):
        writer = (first, another)[commit % 2]
        assert keep(writer, at, *names(commit)) == Kept(TOGETHER, 0)
        sifted(writer, at)
        for earlier in (commit, commit // 2, 0):
            for inbox in (first, another):
                assert keep(inbox, at, *names(earlier)) == Kept(0, TOGETHER)
        newest = open_inbox()
        assert keep(newest, at, *names(commit), f"n{commit}") == Kept(1, TOGETHER)
        newest.close()
        moved.add(rows(first, table(at)))
    assert len(moved) > 3  # in parts
    assert max(moved) > YOUNG


def test_what_has_moved_leaves_no_young_row_and_stands_once(first, at):
    for commit in range(COMMITS):
        keep(first, at, *names(commit))
    more = 0
    while more < YOUNG or (rows(first, "inbox_young") > YOUNG and more < PATIENCE):  # until what moves has arrived
        more += keep(first, at, f"n{more}").new
    kept = rows(first, table(at)) + sum(len(h) // 16 for (h,) in first._rows("SELECT hashes FROM inbox_young", ()))
    assert rows(first, "inbox_young") <= YOUNG  # and not one for each commit
    assert kept >= COMMITS * TOGETHER + more
    again = open_inbox()
    assert keep(again, at, *(pk for commit in range(COMMITS) for pk in names(commit))) == Kept(0, COMMITS * TOGETHER)
    again.close()


def test_a_process_that_slept_knows_what_others_have_moved(first, another, at):
    keep(first, at, *names(0))
    sifted(first, at)
    for commit in range(1, COMMITS):
        keep(another, at, *names(commit))
    more = move_on(another, at, first.known.last + COMMITS)
    for commit in range(COMMITS):
        assert keep(first, at, *names(commit)) == Kept(0, TOGETHER)
    sifted(first, at)
    for commit in range(COMMITS):
        assert keep(first, at, *names(commit)) == Kept(0, TOGETHER)
    assert keep(first, at, *(f"n{n}" for n in range(more))) == Kept(0, more)


@pytest.fixture
def little_at_once(monkeypatch):
    """A table is read into a sieve in many parts."""
    monkeypatch.setattr("accord.rooms.capture.inbox.sqlite.READ", 10)
    monkeypatch.setattr("accord.rooms.capture.inbox.postgresql.PAGES", 1)
    monkeypatch.setattr("accord.rooms.capture.inbox.sieves.REST", 0)


def test_the_sieves_of_an_old_and_a_new_process_hold_what_the_table_does(first, at, little_at_once):
    for commit in range(COMMITS):
        keep(first, at, *names(commit))
    move_on(first, at, 1)
    new = open_inbox()
    keep(new, at)
    sifted(new, at)
    sifted(first, at)
    stored = [digest for (digest,) in new._rows(f"SELECT hash FROM {table(at)}", ())]
    assert stored
    for inbox in (first, new):
        assert inbox.known.sieves.passing(day_of(at), stored) == stored
        assert inbox.known.sieves.passing(day_of(at), [b"0" * 16]) == []
    new.close()


def test_a_new_process_to_which_only_repeats_come_reads_the_tables_once(first, at):
    for commit in range(COMMITS):
        keep(first, at, *names(commit))
    move_on(first, at, 1)
    first._run("DELETE FROM inbox_young", ())  # as where the last that came has moved, too
    new = open_inbox()
    read, stored = [], new._stored
    new._stored = lambda name: [read.append(name), stored(name)][1]
    for commit in range(3):
        assert keep(new, at, *names(commit)) == Kept(0, TOGETHER)
    assert read == [table(at)]
    new.close()


def test_what_nobody_asks_for_any_more_moves_into_no_table(first, at):
    """After a rush few events came: the table of its day is gone before all of it has moved."""
    for commit in range(COMMITS):
        keep(first, at, *names(commit))
    until(lambda: all(part.done() for part in first.known._settling))  # which took days
    later = at + timedelta(days=10)
    first.forget(0, to_micros(later))
    for commit in range(COMMITS):
        assert keep(first, later, *(f"later{name}" for name in names(commit))) == Kept(TOGETHER, 0)


def test_a_repeat_of_the_day_before_is_found(first, at):
    for commit in range(COMMITS):
        keep(first, at, *names(commit))
    move_on(first, at, 1)
    tomorrow = at + timedelta(days=1)
    assert keep(first, tomorrow, *names(0), "new") == Kept(1, TOGETHER)
    sifted(first, tomorrow)
    assert keep(first, tomorrow, *names(0), "new") == Kept(0, TOGETHER + 1)
    assert keep(first, at + timedelta(days=8), "new", "old") == Kept(1, 1)
    assert day_of(at) not in first.known.sieves  # nobody asks for it any more


def test_a_commit_that_failed_is_forgotten_with_its_inbox(first, at):
    """The writer opens a new one: what was not kept is not known."""
    with pytest.raises(RuntimeError):
        keep_and_break(first, at, "m1")
    first.close()
    new = open_inbox()
    assert keep(new, at, "m1") == Kept(1, 0)
    new.close()


def test_no_hash_of_a_commit_that_failed_stands_in_a_table(first, at):
    """Otherwise its event, when it comes again, would be taken for a repeat and lost."""
    lost = [f"lost{n}" for n in range(3 * YOUNG)]  # enough to begin to move
    keep(first, at, "m1")
    with pytest.raises(RuntimeError):
        keep_and_break(first, at, *lost)
    first.close()
    new = open_inbox()
    assert keep(new, at, *lost) == Kept(len(lost), 0)
    new.close()


def keep_and_break(inbox: Inbox, at, *ids: str) -> None:
    with inbox._writing():
        inbox._fresh([digest for digest, _event in sent(*ids)], day_of(at))
        inbox._move(day_of(at), len(ids))
        time.sleep(0.1)  # so that what is put into tables aside has its turn
        raise RuntimeError


def test_the_last_notes_of_a_key_are_kept(first, at):
    for _time in range(30):
        keep(first, at, *["m1"] * 20)
    assert rows(first, "inbox_note") == 200
