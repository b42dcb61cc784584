"""The stages of the pipeline: shipped in every language, added, renamed, arranged, retired."""

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import AlreadyStage, LastStage, PipelineStage
from accord.rooms.funnel.models.pipeline import stage_names

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]


def keys() -> list[str]:
    return [stage.key for stage in PipelineStage.standing()]


def test_five_ship_and_are_called_in_the_language_of_the_reader():
    assert keys() == ["qualified", "discovery", "proposal", "negotiation", "signing"]
    assert list(stage_names().values()) == ["Qualified", "Discovery", "Proposal", "Negotiation", "Signing"]
    PipelineStage.every()
    assert PipelineStage.objects.count() == 5


def test_one_is_added_after_the_others(at):
    stage = PipelineStage.add("Pilot plant", by=None, at=at)
    assert (stage.key, keys()[-1], stage_names()["pilot_plant"]) == ("pilot_plant", "pilot_plant", "Pilot plant")
    assert Fact.objects.get(kind="pipeline_stage_added").subject_id == stage.pk


@pytest.mark.parametrize("name", ["Proposal", " proposal", "PROPOSAL", "PILOT"])
def test_two_are_not_called_alike(at, name):
    PipelineStage.add("Pilot", by=None, at=at)
    with pytest.raises(AlreadyStage):
        PipelineStage.add(name, by=None, at=at)


def test_another_script_makes_a_key_as_well(at):
    assert PipelineStage.add("试用", by=None, at=at).key == "试用"


def test_renamed_it_keeps_its_key_and_without_a_name_it_is_called_as_it_ships(at):
    stage = PipelineStage.standing()[2]
    stage.rename("Offer", by=None, at=at)
    assert (stage.key, str(stage)) == ("proposal", "Offer")
    with pytest.raises(AlreadyStage):
        stage.rename("Discovery", by=None, at=at)
    stage.rename("", by=None, at=at)
    assert str(stage) == "Proposal"


def test_they_are_arranged(at):
    PipelineStage.arrange(["proposal", "qualified"], by=None, at=at)
    assert keys() == ["proposal", "qualified", "discovery", "negotiation", "signing"]
    PipelineStage.arrange(["proposal", "qualified"], by=None, at=at)
    assert Fact.objects.filter(kind="pipeline_arranged").count() == 1


def test_a_retired_one_is_had_back_by_its_name_and_the_last_one_stays(at):
    PipelineStage.standing()[1].retire(by=None, at=at)
    assert "discovery" not in keys()
    assert PipelineStage.add("discovery", by=None, at=at).key == "discovery"
    assert PipelineStage.objects.count() == 5
    for stage in PipelineStage.standing()[1:]:
        stage.retire(by=None, at=at)
    with pytest.raises(LastStage):
        PipelineStage.standing()[0].retire(by=None, at=at)
