import pytest

from tests.served import Served


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    """`accord serve` on a home of its own; whatever is sent to it, neither web nor worker meets an error of its own."""
    home = Served.at(tmp_path_factory.mktemp("served") / "home").start()
    yield home
    home.close()
    assert home.errors() == []
