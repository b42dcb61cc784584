"""Requests recorded from unmodified client libraries, byte for byte, against a running Accord."""

import gzip
import json
from pathlib import Path

import httpx
import pytest

SAMPLES = sorted(Path(__file__).parents[3].glob("shared/data/segment_samples/*.json"))
SECRETS = ("WK_node_123", "WK_py_123", "WK_rnode_1")  # the made-up keys that the recordings carry
KNOWN = """
import hashlib
from accord.kernel import clock
from accord.rooms.team.models import ApiKey
for secret in SECRETS:
    key, _made = ApiKey.make(name=secret, scope="capture", role="admin", by=None, at=clock.now())
    ApiKey.objects.filter(pk=key.pk).update(digest=hashlib.sha256(secret.encode()).hexdigest())
"""
OF_U1 = """
import json
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact, Identity
from accord.rooms.people.models.identity import owners
contact = Contact.objects.get(external_id="u1")
named = {i.pk: i.value for i in Identity.objects.filter(value__in=["ann@example.com", "a@b.c", "anon1"])}
print(json.dumps({
    "owned": sorted(named[i] for i, owner in owners(named).items() if owner == contact.pk),
    "company": contact.company.name,
    "plan": sorted(Touch.objects.filter(campaign="spring").values_list("properties__plan", "channel").distinct()),
}))
"""


@pytest.fixture(scope="module")
def samples():
    if not SAMPLES:
        pytest.skip("the recorded requests (data/segment_samples) are not on this machine")
    return [json.loads(path.read_text()) for path in SAMPLES]


def sent_bytes(sample: dict) -> bytes:
    """The body as its client wrote it: those in JavaScript write compactly and in UTF-8, those in Python neither."""
    python = "segmentpy" in sample["client"] or "rudderpy" in sample["client"]
    body = (
        json.dumps(sample["body"]) if python else json.dumps(sample["body"], ensure_ascii=False, separators=(",", ":"))
    )
    if sample["headers"].get("Content-Encoding", sample["headers"].get("content-encoding")) == "gzip":
        return gzip.compress(body.encode())
    assert len(body.encode()) == sample["wire_bytes"]
    return body.encode()


def replay(client: httpx.Client, sample: dict) -> httpx.Response:
    headers = {
        name: value for name, value in sample["headers"].items() if name.lower() not in ("host", "content-length")
    }
    return client.request(sample["method"], sample["path"], headers=headers, content=sent_bytes(sample))


def test_all_are_kept_and_retries_count_once(served, samples):
    """What was answered 429, 500 or 400 was so by a server that played ill; a healthy one takes each of them."""
    assert len(samples) == 41
    served.python(f"SECRETS = {SECRETS}\n{KNOWN}")

    def totals() -> dict:
        served.accord("work", "--drain")
        return json.loads(served.accord("report", "totals", "--json"))

    before = totals()
    with httpx.Client(base_url=served.url) as client:
        answers = [replay(client, sample) for sample in samples]
    after = totals()

    assert [(a.status_code, a.json()) for a in answers] == [(200, {"success": True})] * 41
    sent = {
        (sample["headers"].get("Authorization"), event["messageId"]): event
        for sample in samples
        for event in sample["body"]["batch"]
    }
    assert len(sent) == 610  # of 624 that were sent
    touching = [event for event in sent.values() if event["type"] in ("track", "page", "screen")]
    counted = [after[name] - before[name] for name in ("raw_events", "touches", "dropped_events")]
    assert counted == [610, len(touching), 0] == [610, 585, 0]
    assert json.loads(served.python(OF_U1)) == {  # a@b.c is no address: no top-level domain has one letter
        "owned": ["ann@example.com", "anon1"], "company": "Acme", "plan": [["中文", "cpc"]],
    }  # fmt: skip
    assert json.loads(served.accord("audit", "--json"))["violations"] == []
