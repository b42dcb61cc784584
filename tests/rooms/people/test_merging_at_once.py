"""Two people merge the same two contacts at the same moment, each into the other."""

AT_ONCE = """
import threading, time
from django.db import connections, transaction
from accord.kernel import clock
from accord.rooms.people.models import CannotMerge, Contact, Merge
at = clock.now()
ann, ben = (Contact.create({"name": name}, by=None, at=at) for name in ("Ann", "Ben"))

def other():
    try:
        Merge.of(ben, ann, reason="", by=None, at=at)
    except CannotMerge:
        print("told")
    finally:
        connections.close_all()

second = threading.Thread(target=other)
with transaction.atomic():
    Merge.of(ann, ben, reason="", by=None, at=at)
    second.start()
    time.sleep(1)  # so that it has asked whether both are here
second.join()
print(sorted(Contact.objects.values_list("name", "merged_into__name"), key=str))
"""


def test_two_contacts_are_not_merged_each_into_the_other(scratch):
    assert scratch.python(AT_ONCE).splitlines() == ["told", "[('Ann', None), ('Ben', 'Ann')]"]
