"""What a lead lacks, in words."""

import json

import pytest

from accord.rooms.agreement.document.conditions import Score
from accord.rooms.agreement.document.model import Document
from accord.rooms.agreement.words import Speaker
from accord.rooms.scoring import saying
from accord.rooms.scoring.explaining import Part
from tests.rooms.scoring.test_plain import document


@pytest.mark.parametrize(
    ("have", "words"),
    [
        (59.96, "0.1 points of the total"),
        (58.99, "1.1 points of the total"),
        (59, "1 point of the total"),
        (47.3, "12.7 points of the total"),
    ],
)
def test_whoever_lacks_a_little_does_not_lack_nothing(have, words):
    score = Score(score="total", at_least=60)
    speaker = Speaker(Document.model_validate_json(json.dumps(document({"any": []}))), {})
    assert saying.lacking(speaker, Part(score, False, have, 60.0)) == words
