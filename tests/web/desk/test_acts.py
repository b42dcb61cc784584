"""Calls, notes and tasks, from the desk and from the page of a lead."""

import re
from html import unescape

import pytest

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Note
from tests.rooms.desk.conftest import MONDAY
from tests.scenarios.living import on
from tests.web.page import main, words


def log(visit, member, lead, **said):
    return visit(member, f"/leads/{lead.pk}/calls/", {"kind": "call_out", **said})


def plan(owner, lead=None, due="2026-02-02T14:00:00", kind="call", what="") -> Task:
    return Task.plan(owner=owner, lead=lead, kind=kind, what=what, due_at=on(due), by=owner, at=MONDAY)


def hidden(answer, name: str) -> str:
    return unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.content.decode())[1])


def test_a_call_with_its_outcome_and_the_next_step(cast, desk, visit):
    answer = log(
        visit, cast.ines, desk.taken, outcome="reached", note="wants two", when="tomorrow", next_kind="meeting"
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/?lead={desk.taken.pk}")
    assert Touch.objects.get(kind="call_out").properties == {
        "by": "inside_sales", "member": cast.ines.pk, "outcome": "reached", "note": "wants two",
    }  # fmt: skip
    task = Task.objects.get()
    assert (task.kind, task.due_at, task.owner, task.lead) == (
        "meeting", on("2026-02-03T09:00:00"), cast.ines, desk.taken,
    )  # fmt: skip
    page = words(visit(cast.ines, answer.headers["Location"]))
    assert "Logged: We called." in page
    assert "Was called Reached · Ines Ito wants two" in page
    assert "Next step planned: Meet" in page
    assert "Was called Reached · Ines Ito wants two" in main(visit(cast.mara, f"/leads/{desk.taken.pk}/"))


def test_what_was_planned_is_settled_by_the_call(cast, desk, visit):
    planned = plan(cast.ines, desk.taken, what="ask for the budget")
    form = visit(cast.ines, f"/leads/{desk.taken.pk}/calls/")
    assert "This settles what was planned: Call: ask for the budget" in main(form)
    log(visit, cast.ines, desk.taken, outcome="no_answer", when="nothing", settles=planned.pk)
    assert Task.objects.get().done_by == cast.ines
    written = visit(cast.ines, f"/leads/{desk.taken.pk}/calls/?kind=email_out")
    assert "This settles" not in main(written)


def test_a_double_click_logs_once_and_keeps_what_was_typed(cast, desk, visit):
    seen = hidden(visit(cast.ines, f"/leads/{desk.taken.pk}/calls/"), "seen")
    said = {"outcome": "voicemail", "note": "called back later", "when": "tomorrow", "seen": seen}
    assert log(visit, cast.ines, desk.taken, **said).status_code == 302
    again = log(visit, cast.ines, desk.taken, **said)
    assert again.status_code == 409
    assert "You have logged this a moment ago." in main(again)
    assert "called back later" in main(again)
    assert (Touch.objects.filter(kind="call_out").count(), Task.objects.count()) == (1, 1)
    assert log(visit, cast.ines, desk.taken, **{**said, "seen": hidden(again, "seen")}).status_code == 302
    assert Touch.objects.filter(kind="call_out").count() == 2


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"when": "tomorrow"}, "Say what came of it."),
        ({"outcome": "held", "when": "tomorrow"}, "held is not one of the available choices"),
        ({"outcome": "reached"}, "Say when the next step is due, or that nothing follows."),
        ({"outcome": "reached", "when": "on"}, "Give the day and the time."),
        ({"outcome": "reached", "when": "on", "on": "1900-01-01T10:00"}, "Give a time that is still to come"),
        ({"outcome": "reached", "when": "on", "on": "2026-02-02T10:00"}, "Give a time that is still to come"),
        ({"outcome": "reached", "when": "on", "on": "2032-01-01T10:00"}, "within five years"),
        ({"outcome": "reached", "when": "on", "on": "soon"}, "Enter a valid date/time."),
        ({"outcome": "reached", "when": "nothing", "note": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_logged(cast, desk, visit, said, wrong):
    answer = log(visit, cast.ines, desk.taken, **{"note": "spoke long", **said})
    assert answer.status_code == 422
    assert wrong in main(answer)
    assert said.get("note", "spoke long") in main(answer)
    assert not Touch.objects.filter(kind="call_out").exists()


def test_a_time_is_taken_in_the_zone_of_the_reader(cast, desk, visit):
    cast.ines.prefer(name="Ines Ito", language="", zone="Asia/Shanghai", theme="", by=None, at=MONDAY)
    log(visit, cast.ines, desk.taken, outcome="reached", when="on", on="2026-02-03T10:00")
    assert Task.objects.get().due_at == on("2026-02-03T02:00:00")


def test_with_a_lead_that_has_ended_nothing_is_logged(cast, desk, visit):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=desk.taken.pk).move("lost", by=cast.saul.pk, at=MONDAY, reason="no budget")
    answer = log(visit, cast.ines, desk.taken, outcome="reached", when="tomorrow")
    assert answer.status_code == 409
    assert "It is Lost by now. Nothing was changed" in main(answer)
    answer = visit(cast.ines, "/tasks/new/", {"lead": desk.taken.pk, "kind": "call", "when": "tomorrow"})
    assert answer.status_code == 409
    assert not Task.objects.exists()


def test_a_task_that_a_colleague_has_done_takes_the_call_back(cast, desk, visit):
    planned = plan(cast.ines, desk.taken)
    planned.done(by=cast.saul, at=MONDAY)
    answer = log(visit, cast.ines, desk.taken, outcome="reached", when="tomorrow", settles=planned.pk)
    assert answer.status_code == 409
    assert "Saul Stein was first. Nothing was changed." in main(answer)
    assert not Touch.objects.filter(kind="call_out").exists()


def test_a_task_of_another_lead_is_settled_by_no_call(cast, desk, visit):
    planned = plan(cast.ines, desk.lead)
    assert log(visit, cast.ines, desk.taken, outcome="reached", when="nothing", settles=planned.pk).status_code == 404
    assert Task.objects.open().count() == 1


@pytest.mark.parametrize(
    ("kind", "first"), [("email_out", "Sent"), ("meeting", "Took place"), ("reply", "Interested"), ("dance", "Reached")]
)
def test_every_kind_has_its_outcomes(cast, desk, visit, kind, first):
    assert f"Outcome {first} 1" in main(visit(cast.ines, f"/leads/{desk.taken.pk}/calls/?kind={kind}"))


def test_a_note_is_written_down(cast, desk, visit):
    answer = visit(cast.ines, f"/leads/{desk.taken.pk}/notes/", {"text": "The boss decides."})
    assert answer.headers["Location"] == f"/desk/?lead={desk.taken.pk}"
    assert Note.objects.get().text == "The boss decides."
    assert "Note Ines Ito The boss decides." in main(visit(cast.ines, answer.headers["Location"]))
    empty = visit(cast.ines, f"/leads/{desk.taken.pk}/notes/", {"text": " "})
    assert empty.status_code == 422
    assert "Write something down first." in main(empty)


def test_a_task_is_planned_put_off_done_and_undone(cast, desk, visit):
    visit(cast.ines, "/tasks/new/", {"lead": desk.taken.pk, "kind": "meeting", "what": "at the fair", "when": "later"})
    task = Task.objects.get()
    assert (task.lead, task.kind, task.what, task.due_at) == (
        desk.taken, "meeting", "at the fair", on("2026-02-02T12:00:00"),
    )  # fmt: skip
    page = words(visit(cast.ines, "/desk/"))
    assert "Planned: Meet, Monday, February 2, 2026 12:00 UTC." in page
    visit(cast.ines, f"/tasks/{task.pk}/snooze/", {"when": "in_three_days"})
    assert Task.objects.get().due_at == on("2026-02-05T10:00:00")
    answer = visit(cast.ines, f"/tasks/{task.pk}/completion/", {})
    assert answer.headers["Location"] == f"/desk/?lead={desk.taken.pk}"
    assert Task.objects.get().done_by == cast.ines
    assert visit(cast.ines, f"/tasks/{task.pk}/completion/", {}).status_code == 302
    assert "Meet: at the fair Done 10:00 Undo" in main(visit(cast.ines, f"/desk/?lead={desk.taken.pk}"))
    visit(cast.ines, f"/tasks/{task.pk}/reopening/", {})
    assert Task.objects.open().count() == 1


def test_of_two_who_do_it_the_second_is_told_who_was_first(cast, desk, visit):
    task = plan(cast.ines, desk.taken)
    visit(cast.saul, f"/tasks/{task.pk}/completion/", {})
    for address, said in (("completion", {}), ("snooze", {"when": "tomorrow"})):
        answer = visit(cast.ines, f"/tasks/{task.pk}/{address}/", said)
        assert answer.status_code == 409
        assert "Saul Stein was first. Nothing was changed." in main(answer)


def test_a_task_without_a_lead_is_done_and_undone_at_the_centre(cast, signed, visit):
    visit(cast.ines, "/tasks/new/", {"kind": "other", "what": "tidy up", "when": "later"})
    task = Task.objects.get()
    assert "tidy up Due 12:00" in main(visit(cast.ines, "/desk/"))
    answer = visit(cast.ines, f"/tasks/{task.pk}/completion/", {})
    assert answer.headers["Location"] == f"/desk/?task={task.pk}"
    assert "tidy up Done 10:00 Undo" in main(visit(cast.ines, answer.headers["Location"]))


def test_a_task_says_what_and_when(cast, signed, visit):
    answer = visit(cast.ines, "/tasks/new/", {"what": "tidy up"})
    assert answer.status_code == 422
    assert "Say when." in main(answer)
    assert 'value="tidy up"' in answer.content.decode()


def test_a_time_that_is_filled_in_needs_no_other_word(cast, desk, visit):
    visit(cast.ines, "/tasks/new/", {"kind": "call", "what": "tidy up", "on": "2026-02-03T10:00"})
    assert Task.objects.get().due_at == on("2026-02-03T10:00:00")
    answer = visit(cast.ines, "/tasks/new/", {"kind": "call", "on": "2026-02-01T10:00"})
    assert "Give a time that is still to come" in main(answer)
    log(visit, cast.ines, desk.taken, outcome="reached", when="", on="2026-02-04T10:00")
    assert Task.objects.get(lead=desk.taken).due_at == on("2026-02-04T10:00:00")
    visit(cast.ines, "/tasks/new/", {"kind": "call", "what": "chosen", "when": "later", "on": "2026-02-03T10:00"})
    assert Task.objects.get(what="chosen").due_at == on("2026-02-02T12:00:00")


def test_from_the_page_of_the_lead_one_comes_back_to_it(cast, desk, visit):
    said = {"outcome": "reached", "when": "nothing", "back": "lead"}
    assert log(visit, cast.ines, desk.taken, **said).headers["Location"] == f"/leads/{desk.taken.pk}/"
    said = {"outcome": "reached", "when": "nothing"}
    assert log(visit, cast.mara, desk.taken, **said).headers["Location"] == f"/leads/{desk.taken.pk}/"


@pytest.mark.parametrize(("who", "status"), [("eva", 403), ("mara", 302), ("sven", 302), ("paula", 404)])
def test_who_may_log_and_plan(cast, desk, visit, who, status):
    member = getattr(cast, who)
    assert log(visit, member, desk.taken, outcome="reached", when="nothing").status_code == status
    task = {"lead": desk.taken.pk, "kind": "call", "when": "tomorrow"}
    assert visit(member, "/tasks/new/", task).status_code == status
