"""Two clicks open a passage of one contact at the same moment."""

AT_ONCE = """
import threading, time
from django.db import connections, transaction
from accord.kernel import clock
from accord.rooms.funnel.models import AlreadyOpen, Lead
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member
at = clock.now()
ada = Member.join(email="ada@house.example", name="Ada", role="admin", by=None, at=at)
ann = Contact.create({"name": "Ann"}, by=None, at=at)
ended = Lead.open(ann, entry="referral", owner=ada, by=ada.pk, at=at)
ended.move("disqualified", by=ada.pk, at=at, reason="no budget")

def at_once(second):
    def other():
        try:
            second()
        except AlreadyOpen:
            print("told")
        finally:
            connections.close_all()
    thread = threading.Thread(target=other)
    with transaction.atomic():
        first = Lead.open(ann, entry="referral", owner=ada, by=ada.pk, at=at)
        thread.start()
        time.sleep(1)  # so that it has asked whether a passage is open
    thread.join()
    first.move("disqualified", by=ada.pk, at=at, reason="no budget")

at_once(lambda: Lead.open(ann, entry="referral", owner=ada, by=ada.pk, at=at))
at_once(lambda: ended.reopen(by=ada.pk, at=at))
print(Lead.objects.count())
"""


def test_of_two_who_open_a_passage_one_is_told_of_the_other(scratch):
    assert scratch.python(AT_ONCE).splitlines() == ["told", "told", "3"]
