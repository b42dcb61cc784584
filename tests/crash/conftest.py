import pytest

ROUNDS = 10


@pytest.fixture(params=[0, *(pytest.param(number, marks=pytest.mark.prove) for number in range(1, ROUNDS + 1))])
def attempt(request) -> int:
    """Once in every run of the tests, as attempt 0; ten times more in `make prove`, each at another moment or size."""
    return request.param
