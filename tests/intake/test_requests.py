"""Which addresses are capture's, and by which key a request is sent."""

import pytest

from accord.intake.tracking import Tracking, requests


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        *((f"/v1/{word}", True) for word in ("identify", "track", "page", "screen", "group", "alias")),
        *((f"/v1/{word}", True) for word in "itpsgab"),
        *((path, True) for path in ("/b", "/b/", "/v1/batch", "/v1/import", "/proxy/v1/batch/", "/a/b/c.d/v1/track")),
        *((path, False) for path in ("/", "/v1", "/v1/", "/v1/unknown", "/v1/track/more", "/v2/track")),
        *((path, False) for path in ("/b/track", "/api/b")),
        *((path, False) for path in ("/v1/TRACK", "//v1/track", "/v1/track\n", "/pages/v1")),
    ],
)  # fmt: skip
def test_addresses(path, ours):
    assert Tracking.takes(path) is ours


@pytest.mark.parametrize(
    ("authorization", "secret"),
    [
        (b"Basic YWNjX3g6", "acc_x"),
        (b"basic YWNjX3g6cGFzcw==", "acc_x"),
        (b"Basic YWNjX3g=", "acc_x"),
        (b"Basic Og==", ""),
        (b"Basic", ""),
        (b"Basic !", None),
        (b"Basic /w==", None),
        (b"Bearer YWNjX3g6", None),
        (b"", None),
    ],
)
def test_keys(authorization, secret):
    assert requests.secret_of({b"authorization": authorization}) == secret
