"""The simulated company lies in the ranges that its README states, whatever the seed."""

import pytest

from accord.demo import season
from tests.demo import figures

pytestmark = pytest.mark.django_db
CONTACTS = 5000
RANGES = figures.stated()


def outside(seed, folder) -> dict[str, float]:
    found = figures.of(season.story(seed, CONTACTS, figures.BEGIN, figures.UNTIL), folder)
    assert set(found) == set(RANGES)
    return {name: value for name, value in found.items() if not RANGES[name][0] <= value <= RANGES[name][1]}


def test_a_year_lies_in_the_ranges_of_the_readme(tmp_path):
    assert outside(11, tmp_path) == {}


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 150))
def test_fifty_years_do(tmp_path, seed):
    assert outside(seed, tmp_path) == {}
