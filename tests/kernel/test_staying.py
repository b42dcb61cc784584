import json

import pytest

LOOKED_AT = "import gc, json\nprint(json.dumps([gc.get_freeze_count(), len(gc.get_objects()), gc.isenabled()]))"


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
@pytest.mark.parametrize("begins", ["", "import accord.asgi"], ids=["program", "server"])
def test_of_what_a_process_begins_with_next_to_nothing_is_looked_at_again(bare, begins):
    frozen, left, searched = json.loads(bare.python(f"{begins}\n{LOOKED_AT}"))
    assert frozen > 20 * left
    assert searched
