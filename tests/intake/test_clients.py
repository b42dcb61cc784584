"""Unmodified client libraries deliver to a running Accord: everything is there once, on the right contacts."""

import json
import subprocess
from pathlib import Path

import pytest
from rudderstack.analytics.client import Client as Rudder
from segment.analytics.client import Client as Segment

from tests.conftest import needs
from tests.served import until

PEOPLE, EACH = 50, 19  # one identify and so many downloads of each: 1,000 events
LIBRARIES = Path(__file__).parents[2] / ".tools" / "clients"  # what npm installs; not part of the repository
NPM = ["@segment/analytics-node@3.1.0", "@rudderstack/rudder-sdk-node@3.0.13"]
SENT = """
let waiting = PEOPLE * (EACH + 1)
const delivered = (error) => { if (error) { console.error(error); process.exit(1) } else if (--waiting === 0) done() }
for (let person = 0; person < PEOPLE; person++) {
  const userId = `NAME-${person}`
  client.identify({ userId, traits: { email: `p${person}@NAME.example`, title: `Head ${person}` } }, delivered)
  for (let n = 0; n < EACH; n++) {
    client.track({ userId, event: "Asset Downloaded", properties: { n: person * EACH + n } }, delivered)
  }
}
"""
NODE = {
    "segment-node": """
const { Analytics } = require("@segment/analytics-node")
const client = new Analytics({ writeKey: "KEY", host: "HOST", flushInterval: 100 })
const done = () => client.closeAndFlush()
SENT
""",
    "rudder-node": """
const Analytics = require("@rudderstack/rudder-sdk-node")
const client = new Analytics("KEY", { dataPlaneUrl: "HOST", logLevel: "error", flushInterval: 100 })
const done = () => process.exit(0)
SENT
""",
}
FOUND = """
import json
from accord.kernel import traits
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact
of = Contact.objects.filter(external_id__startswith=NAME + "-")
titles = traits.now("contact", of.values_list("pk", flat=True))
touches = Touch.objects.filter(identity__kind="user", identity__value__startswith=NAME + "-", kind="download")
owned = touches.values_list("identity__links__contact__external_id", "identity__value", "properties__n")
print(json.dumps({
    "contacts": sorted([c.external_id, c.email, titles[c.pk]["title"].text] for c in of if "title" in titles[c.pk]),
    "touches": sorted(owned),
}))
"""


@pytest.fixture
def key(served) -> str:
    ((_number, secret),) = served.keys("client")
    return secret


@pytest.fixture(scope="module")
def libraries() -> Path:
    needs("node")
    if not all((LIBRARIES / "node_modules" / name.rpartition("@")[0]).exists() for name in NPM):
        command = ["npm", "install", "--prefix", LIBRARIES, "--no-save", "--no-audit", "--no-fund", *NPM]
        LIBRARIES.mkdir(parents=True, exist_ok=True)
        if subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode:
            pytest.skip(f"npm could not get {' and '.join(NPM)}")
    return LIBRARIES


def expect_all(served, name: str) -> None:
    """The worker takes them in; each person has their own."""

    def found() -> dict:
        return json.loads(served.python(f"NAME = {name!r}\n{FOUND}"))

    until(lambda: [len(things) for things in found().values()] == [PEOPLE, PEOPLE * EACH], every=0.5)
    assert found() == {
        "contacts": sorted([f"{name}-{p}", f"p{p}@{name}.example", f"Head {p}"] for p in range(PEOPLE)),
        "touches": sorted(
            [f"{name}-{p}", f"{name}-{p}", p * EACH + n] for p in range(PEOPLE) for n in range(EACH)
        ),
    }  # fmt: skip


@pytest.mark.parametrize(("name", "library"), [("segment-python", Segment), ("rudder-python", Rudder)])
@pytest.mark.parametrize("gzip", [True, False], ids=["gzip", "plain"])
def test_python(served, key, name, library, gzip):
    name, failed = f"{name}-{'gzip' if gzip else 'plain'}", []
    client = library(key, host=served.url, gzip=gzip, on_error=lambda *wrong: failed.append(wrong))
    for person in range(PEOPLE):
        client.identify(f"{name}-{person}", {"email": f"p{person}@{name}.example", "title": f"Head {person}"})
        for n in range(EACH):
            client.track(f"{name}-{person}", "Asset Downloaded", {"n": person * EACH + n})
    client.shutdown()
    assert failed == []
    expect_all(served, name)


@pytest.mark.parametrize("name", list(NODE))
def test_node(served, key, libraries, tmp_path, name):
    program = NODE[name].replace("SENT", SENT)
    for word, what in {"KEY": key, "HOST": served.url, "NAME": name, "PEOPLE": PEOPLE, "EACH": EACH}.items():
        program = program.replace(word, str(what))
    file = tmp_path / "client.cjs"
    file.write_text(program)
    environment = {"NODE_PATH": str(libraries / "node_modules"), "PATH": served.environment["PATH"]}
    sent = subprocess.run(["node", file], env=environment, capture_output=True, text=True, timeout=120)
    assert (sent.returncode, sent.stderr) == (0, "")
    expect_all(served, name)
