"""What Today says of the agreement to those who sign it."""

import pytest

from accord.kernel import clock
from accord.rooms.agreement.models import Version
from tests.remembered import remembered
from tests.rooms.agreement.conftest import document
from tests.scenarios.living import on
from tests.web.page import main
from tests.web.today.test_today import section

NINE = on("2026-02-02T09:00:00")


@pytest.fixture
@remembered
def proposed(cast) -> Version:
    with clock.moved_to(NINE):
        version = Version.draft(document(), by=cast.mila.pk, at=NINE)
        version.propose(by=cast.mila.pk, at=NINE)
    return version


def test_a_proposed_version_waits_for_who_signs_until_both_have(cast, proposed, visit):
    for who in (cast.mila, cast.saul):
        page = visit(who, "/today/")
        assert "Version 1 waits for your signature. Proposed by Mila Berg, 09:00." in section(page, "The agreement")
        assert f"/agreement/versions/{proposed.pk}/" in page.content.decode()
        assert "1 for you" in main(page)
    assert section(visit(cast.ines, "/today/"), "The agreement") == ""
    with clock.moved_to(NINE):
        proposed.sign(cast.saul, hash=proposed.hash, at=NINE)
    assert "Signed for Sales." in section(visit(cast.mila, "/today/"), "The agreement")
    told = section(visit(cast.saul, "/today/"), "The agreement")
    assert "Version 1 waits for the signature of Marketing." in told
    assert "your signature" not in told


def test_both_leads_are_told_when_the_review_day_has_gone_by(cast, as_):
    with clock.moved_to(NINE):
        version = Version.draft(document(review_by="2026-04-01"), by=cast.mila.pk, at=NINE)
        version.propose(by=cast.mila.pk, at=NINE)
        for who in (cast.mila, cast.saul):
            version.sign(who, hash=version.hash, at=NINE)
    for who in (cast.mila, cast.saul):
        with clock.moved_to(on("2026-04-01T12:00:00")):
            assert section(as_(who).get("/today/"), "The agreement") == ""
        with clock.moved_to(on("2026-04-02T12:00:00")):
            told = section(as_(who).get("/today/"), "The agreement")
            assert "It was to be reviewed by Apr 1, 2026. Is it still good? Then both sides sign it anew" in told
    with clock.moved_to(on("2026-04-02T12:00:00")):
        said = main(as_(cast.ines).get(f"/agreement/versions/{version.pk}/"))
    assert "Its review day, Apr 1" in said
    assert "To be reviewed by" not in said
