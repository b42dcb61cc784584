"""Two clicks on “go on” at the same moment."""

AT_ONCE = """
import threading, time
from pathlib import Path
from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from accord.kernel import clock
from accord.kernel.imports import reading, run
from accord.kernel.imports.models import Import
from accord.kernel.jobs import Job
from accord.rooms.team.models import Member
settings.ALLOWED_HOSTS = ["testserver"]
path = Path(settings.HOME) / "people.csv"
path.write_text("external_id,name\\nk1,Klara\\n")
mara = Member.join(email="mara@house.example", name="Mara", role="admin", by=None, at=clock.now())
made = run.prepare(path, run.plain_map("contacts", reading.inspect(path).header), by=mara.pk, at=clock.now())

def other():
    browser = Client()
    browser.force_login(mara, backend=settings.AUTHENTICATION_BACKENDS[0])
    ready.set()
    held.wait()
    browser.post(f"/imports/{made.pk}/continuing/")
    connections.close_all()

ready, held = threading.Event(), threading.Event()
second = threading.Thread(target=other)
second.start()
ready.wait()
with transaction.atomic():
    Import.objects.select_for_update().get(pk=made.pk)
    held.set()
    time.sleep(4)  # so that the other has come as far as it can
    Job.queue("import", subject=made.pk, by=mara.pk)
second.join()
print(Job.objects.filter(kind="import").count())
"""


def test_an_import_goes_on_once(scratch):
    assert scratch.python(AT_ONCE).split() == ["1"]
