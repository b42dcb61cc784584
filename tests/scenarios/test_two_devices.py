"""A visitor on two devices, identified weeks later, merged with a duplicate and un-merged: who was known when."""

from datetime import timedelta
from html import unescape

import pytest

from accord.kernel import clock, journal, traits
from accord.kernel.instants import to_micros
from accord.kernel.warehouse.generation import generation
from accord.rooms.capture.models import Touch
from accord.rooms.insight import known
from accord.rooms.people import queries
from accord.rooms.people.models import Contact, Identity, Merge
from tests.audited import violations
from tests.rooms.capture.conftest import identify, track

pytestmark = [pytest.mark.both]
DAY = timedelta(days=1)
CRM, VISITOR = "crm-1", "u-7"
GUIDE, PRICES, STUDY, FORM, MEETING = "Pump guide", "Price list", "Case study", "Contact form", "Trade fair"
# What counts for whom at the end of a day, if asked on that day.
EXPECTED = {
    2: {MEETING: CRM},
    19: {MEETING: CRM},
    20: {MEETING: CRM, GUIDE: VISITOR, FORM: VISITOR},
    25: {MEETING: CRM, GUIDE: VISITOR, FORM: VISITOR, PRICES: VISITOR},
    30: dict.fromkeys((MEETING, GUIDE, FORM, PRICES), CRM),
    35: dict.fromkeys((MEETING, GUIDE, FORM, PRICES, STUDY), CRM),
    40: {MEETING: CRM, GUIDE: VISITOR, FORM: VISITOR, PRICES: VISITOR, STUDY: VISITOR},
}
TITLES = {  # of the record that sales keeps, and of the visitor
    19: ("Head of buying", None),
    20: ("Head of buying", "Buyer"),
    30: ("Buyer", "Buyer"),
    40: ("Head of buying", "Buyer"),
}
DEVICES = {  # whose laptop and phone
    19: (None, None), 20: (VISITOR, None), 25: (VISITOR, VISITOR), 30: (CRM, CRM), 40: (VISITOR, VISITOR),
}  # fmt: skip


class Story:
    """What happens, day by day."""

    def __init__(self, door, cast, start) -> None:
        self.door, self.cast, self.start = door, cast, start

    def at(self, day: int):
        return self.start + day * DAY

    def live(self, day: int) -> None:
        with clock.moved_to(self.at(day)):
            getattr(self, f"day_{day}", lambda: None)()
            journal.drain()

    def day_0(self) -> None:
        values = {"name": "Ana Prado", "email": "a.prado@olives.example", "title": "Head of buying"}
        Contact.create(values, by=self.cast.felix.pk, at=clock.now(), external_id=CRM)

    def day_1(self) -> None:
        self._send(download(GUIDE, anonymousId="laptop"))

    def day_2(self) -> None:
        of = {"context": {"traits": {"email": "A.Prado@olives.example"}}}
        self._send(track("Meeting Booked", properties={"asset": MEETING}, **of))

    def day_3(self) -> None:
        self._send(download(PRICES, anonymousId="phone"))

    def day_20(self) -> None:
        form = track("Form Submitted", userId=VISITOR, anonymousId="laptop", properties={"asset": FORM})
        self._send(form, identify(VISITOR, "laptop", email="ana@home.example", title="Buyer"))

    def day_25(self) -> None:
        self._send(identify(VISITOR, "phone"))

    def day_30(self) -> None:
        one, two = (Contact.objects.get(external_id=name) for name in (CRM, VISITOR))
        Merge.of(one, two, reason="the same person", by=self.cast.mila.pk, at=clock.now())

    def day_35(self) -> None:
        self._send(download(STUDY, userId=VISITOR))

    def day_40(self) -> None:
        Merge.objects.get().undo(by=self.cast.mila.pk, at=clock.now())

    def _send(self, *events: dict) -> None:
        self.door.send(*events, at=clock.now())


def download(asset: str, **whose) -> dict:
    return track("Asset Downloaded", properties={"asset": asset}, **whose)


@pytest.fixture
def story(door, cast, at) -> Story:
    return Story(door, cast, at)


def names() -> dict[int, str]:
    return dict(Contact.objects.values_list("pk", "external_id"))


def counting(read, as_of, known_at) -> dict[str, str]:
    rows = known.counting(read, to_micros(as_of), to_micros(known_at)).select("asset", "contact_id")
    return {row["asset"]: names()[row["contact_id"]] for row in rows.to_pyarrow().to_pylist()}


def titles(as_of, known_at) -> tuple:
    found = {name: traits.known("contact", pk, as_of, known_at).get("title") for pk, name in names().items()}
    return tuple(found[name].text if found.get(name) else None for name in (CRM, VISITOR))


def devices(known_at) -> tuple:
    identities = dict(Identity.objects.filter(kind="anonymous").values_list("value", "pk"))
    owners = queries.owners(identities.values(), known_at)
    return tuple(names().get(owners.get(identities[name])) for name in ("laptop", "phone"))


def on_the_timeline(browser, contact: str) -> set[str]:
    answer = browser.get(f"/contacts/{Contact.objects.get(external_id=contact).pk}/")
    assert answer.status_code == 200
    lines = unescape(answer.content.decode()).split('id="lines"')[1].split("</section>")[0]
    return {asset for asset in (GUIDE, PRICES, STUDY, FORM, MEETING) if asset in lines}


def test_every_answer_is_right_on_its_day_and_stays_so(story, cast, as_):
    browser = as_(cast.mara)
    for day in range(41):
        story.live(day)
        now = story.at(day)
        if day in EXPECTED:
            with generation() as read:
                assert counting(read, now, now) == EXPECTED[day], day
            with clock.moved_to(now):
                here = Contact.objects.here().values_list("external_id", flat=True)
                lines = {name: on_the_timeline(browser, name) for name in here}
            assert lines == {name: {a for a, of in EXPECTED[day].items() if of == name} for name in here}, day
        if day in TITLES:
            assert titles(now, now) == TITLES[day], day
        if day in DEVICES:
            assert devices(now) == DEVICES[day], day
    assert Touch.objects.count() == 5
    assert {found for found in violations() if not found[1].startswith("team:")} == set()  # the cast's have no facts

    # Weeks later, of each day, as it was known on that day.
    with generation() as read:
        assert {day: counting(read, story.at(day), story.at(day)) for day in EXPECTED} == EXPECTED
        fifth = {known_on: counting(read, story.at(5), story.at(known_on)) for known_on in (5, 20, 25, 30, 40)}
    assert {day: titles(story.at(day), story.at(day)) for day in TITLES} == TITLES
    assert {day: devices(story.at(day)) for day in DEVICES} == DEVICES
    # As of the fifth day: nobody knew the visitor then; with what was known later, the downloads were theirs.
    assert fifth == {
        5: {MEETING: CRM},
        20: {MEETING: CRM, GUIDE: VISITOR},
        25: {MEETING: CRM, GUIDE: VISITOR, PRICES: VISITOR},
        30: dict.fromkeys((MEETING, GUIDE, PRICES), CRM),
        40: {MEETING: CRM, GUIDE: VISITOR, PRICES: VISITOR},
    }
    assert titles(story.at(31), story.at(29)) == ("Head of buying", "Buyer")
