"""Two web processes on one home: what comes to both counts once, and the one lives on when the other is killed."""

import json
import signal
from collections import Counter

import pytest

from tests.crash.load import Load, expect_once, home_on
from tests.served import UVICORN, Served

LATER = 600  # acknowledged events before and after the blow; more in each further attempt
COUNTED = """
import json
from accord.rooms.capture.queries import looking
with looking() as inbox:
    days = [day for day in inbox.days_of_keys(0) if day.key == KEY]
print(json.dumps([sum(day.accepted for day in days), sum(day.repeated for day in days)]))
"""


@pytest.mark.parametrize("database", [pytest.param("sqlite", marks=pytest.mark.prove), "postgresql"])
def test_what_is_sent_to_both_counts_once_and_one_is_killed(database, tmp_path, request, attempt):
    more = LATER * (1 + attempt)
    with home_on(database, tmp_path / "home", request) as home:
        second = Served(home.environment)
        home.start()
        second.start(UVICORN)
        load = Load.on(home, second)
        load.begin(home)
        with load.running():
            load.until(more)
            second.stop(by=signal.SIGKILL)
            load.until(more)
        second.close()
        assert load.open  # the second was under load
        load.again()
        home.stop()
        assert set(load.answered) == {200}
        assert max(Counter(load.acknowledged).values()) == 2  # by either
        expect_once(home, load.name, load.acknowledged)
        accepted, repeated = json.loads(home.python(f"KEY = {load.key}\n{COUNTED}"))
        assert accepted == len(set(load.acknowledged))
        assert repeated >= len(load.acknowledged) - accepted  # and those of which the killed one had said nothing
