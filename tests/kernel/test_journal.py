"""Reactions run once each: what fails is set aside without holding up the rest, what changed goes round again."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import transaction
from django.db.models import Q

from accord import loop
from accord.kernel import journal, ledger
from accord.kernel.facts import fact
from accord.kernel.journal import Changed, Parked, Pending, Reaction
from accord.kernel.ledger import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@fact
class BellRung:
    bell: int


@fact
class EchoHeard:
    bell: int


class Heard:
    """A reaction that remembers what it did; bells may be poisoned, or change under it."""

    def __init__(self, poison: Sequence[int] = (), changes: int = 0, echoes: bool = False):
        self.done: list[int] = []
        self.planned: list[list[int]] = []
        self.poison, self.changes, self.echoes = poison, changes, echoes

    def plan(self, facts, at):
        assert not transaction.get_connection().in_atomic_block
        bells = [f.subject_id for f in facts]
        self.planned.append(bells)
        if set(bells) & set(self.poison):
            raise ZeroDivisionError("a poisoned bell")
        return bells

    def apply(self, bells, at):
        if self.changes:
            self.changes -= 1
            raise Changed
        self.done += bells
        if self.echoes:
            with ledger.write(at) as writing:
                for bell in bells:
                    writing.record(EchoHeard(bell))


@pytest.fixture
def wired() -> Iterator:
    def wire(**reactions: Heard) -> None:
        made = [Reaction(key, heard.plan, heard.apply) for key, heard in reactions.items()]
        journal.wire({"bell_rung": made})

    yield wire
    journal.wire(loop.REACTIONS)


def ring(*bells: int, at) -> list[int]:
    with ledger.write(at) as writing:
        for bell in bells:
            writing.record(BellRung(bell))
    return list(Fact.objects.filter(kind="bell_rung").order_by("id").values_list("id", flat=True))


def test_every_reaction_to_every_fact_runs_once(wired, still):
    first, second = Heard(), Heard()
    wired(first=first, second=second)
    ring(1, 2, 3, at=still)

    assert journal.drain() == 6
    assert journal.drain() == 0
    assert first.done == second.done == [1, 2, 3]
    assert not Pending.objects.exists()


def test_a_poisoned_fact_is_parked_and_the_others_go_on(wired, still):
    sick, well = Heard(poison=[5]), Heard()
    wired(sick=sick, well=well)
    ring(*range(1, 9), at=still)

    journal.drain()

    assert sorted(sick.done) == [1, 2, 3, 4, 6, 7, 8]
    assert well.done == list(range(1, 9))
    parked = Parked.objects.get()
    assert (parked.fact.subject_id, parked.reaction) == (5, "sick")
    assert "a poisoned bell" in parked.error
    assert journal.lag() == {"count": 0, "oldest": None, "parked": 1}


def test_a_parked_fact_can_be_sent_again(wired, still):
    sick = Heard(poison=[5])
    wired(sick=sick)
    ring(5, at=still)
    journal.drain()
    sick.poison = []

    journal.unpark(Parked.objects.get())
    journal.drain()

    assert sick.done == [5]
    assert not Parked.objects.exists()


def test_a_fact_that_two_people_send_again_at_once_goes_once(wired, still):
    sick = Heard(poison=[5])
    wired(sick=sick)
    ring(5, at=still)
    journal.drain()
    sick.poison = []
    seen_by_both = Parked.objects.get()

    journal.unpark(seen_by_both)
    journal.unpark(seen_by_both)
    journal.drain()

    assert sick.done == [5]
    assert journal.lag() == {"count": 0, "oldest": None, "parked": 0}


def test_what_changed_between_plan_and_apply_goes_round_again(wired, still):
    heard = Heard(changes=2)
    wired(heard=heard)
    ring(1, 2, at=still)

    journal.drain()

    assert heard.planned == [[1, 2], [1, 2], [1, 2]]
    assert heard.done == [1, 2]


def test_two_workers_that_planned_the_same_apply_it_once(wired, still):
    heard = Heard()
    wired(heard=heard)
    ring(1, at=still)
    (reaction,) = [Reaction("heard", heard.plan, heard.apply)]
    claimed = list(Pending.objects.all())

    assert journal._digest(reaction, claimed) == 1
    with pytest.raises(Changed):
        journal._digest(reaction, claimed)
    assert heard.done == [1]


def test_a_claim_keeps_other_workers_off_until_it_runs_out(wired, still):
    heard = Heard()
    wired(heard=heard)
    ring(1, at=still)
    which = Q(reaction="heard")

    assert len(journal._claim(which)) == 1
    assert journal._claim(which) == []
    Pending.objects.update(claimed_until=still)  # long ago, by the machine's clock
    assert len(journal._claim(which)) == 1


def test_a_page_runs_what_it_caused_and_no_more(wired, still):
    heard = Heard()
    wired(heard=heard)
    ring(1, at=still)
    mine = ring(2, at=still)[-1:]

    assert journal.drain_caused(mine, most=10, milliseconds=10_000) == 1
    assert heard.done == [2]
    assert Pending.objects.count() == 1


def test_facts_that_a_reaction_records_have_their_own_effects(still):
    heard, echo = Heard(echoes=True), Heard()
    reactions = {
        "bell_rung": [Reaction("heard", heard.plan, heard.apply)],
        "echo_heard": [Reaction("echo", echo.plan, echo.apply)],
    }
    journal.wire(reactions)
    try:
        assert journal.drain_caused(ring(7, at=still), most=10, milliseconds=10_000) == 2
        assert echo.done == [7]
    finally:
        journal.wire(loop.REACTIONS)
