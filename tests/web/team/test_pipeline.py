"""The stages of the pipeline in the settings: added, renamed, put in order, retired."""

import pytest

from accord.rooms.funnel.models import Deal, PipelineStage
from accord.rooms.people.models import Company
from tests.web.page import main

pytestmark = pytest.mark.usefixtures("still")
PAGE = "/settings/pipeline/"


@pytest.fixture
def saul(cast, as_):
    return as_(cast.saul)


def keys() -> list[str]:
    return [stage.key for stage in PipelineStage.standing()]


def test_the_chief_of_sales_adds_one_and_puts_it_in_its_place(saul):
    saul.post(PAGE, {"name": "Pilot plant"})
    assert keys()[-1] == "pilot_plant"
    saul.post(f"{PAGE}{PipelineStage.standing()[-1].pk}/placing/", {"to": "up"})
    assert keys() == ["qualified", "discovery", "proposal", "negotiation", "pilot_plant", "signing"]
    saul.post(f"{PAGE}{PipelineStage.standing()[0].pk}/placing/", {"to": "up"})
    assert keys()[0] == "qualified"


def test_two_are_not_called_alike(saul):
    answer = saul.post(PAGE, {"name": "Proposal"})
    assert "A stage is called so already: choose another name." in answer.content.decode()
    answer = saul.post(f"{PAGE}{PipelineStage.standing()[0].pk}/", {"name": "signing"})
    assert "A stage is called so already: choose another name." in answer.content.decode()


def test_renamed_it_is_called_so_everywhere(saul, at):
    stage = PipelineStage.standing()[2]
    company = Company.create({"name": "Volga"}, by=None, at=at)
    deal = Deal.open(lead=None, company=company, values={"name": "Pumps", "stage": "proposal"}, by=None, at=at)
    saul.post(f"{PAGE}{stage.pk}/", {"name": "Offer"})
    assert "Offer proposal 1" in main(saul.get(PAGE))
    assert "Pipeline stage Offer" in main(saul.get(f"/deals/{deal.pk}/"))
    assert "Pumps Volga Open Offer" in main(saul.get("/deals/"))
    assert b"Offer" in b"".join(saul.get("/deals/export/"))
    saul.post(f"{PAGE}{stage.pk}/", {"name": ""})
    assert "Proposal proposal 1" in main(saul.get(PAGE))


def test_a_retired_one_keeps_its_deals_in_sight_and_takes_no_more(saul, at):
    company = Company.create({"name": "Volga"}, by=None, at=at)
    Deal.open(lead=None, company=company, values={"name": "Pumps", "stage": "signing"}, by=None, at=at)
    saul.post(f"{PAGE}{PipelineStage.standing()[4].pk}/retirement/")
    assert "Retired No deal comes here any more. Add one by its name to have it back." in main(saul.get(PAGE))
    board = saul.get("/pipeline/").content.decode()
    assert 'aria-label="Signing"' in board
    assert 'data-stage="signing"' not in board
    assert 'value="signing"' not in board


def test_the_last_one_stays(saul):
    for stage in PipelineStage.standing():
        answer = saul.post(f"{PAGE}{stage.pk}/retirement/", follow=True)
    assert keys() == ["signing"]
    assert "This is the last stage: add another one before you retire it." in answer.content.decode()
