"""A home without tables: every command says what to do, and none shows a traceback."""

import pytest

COMMANDS = [
    ("key", "list"), ("audit",), ("report", "totals", "--json"), ("revert", "1"), ("work", "--drain"),
    ("agreement", "show"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_before_init_says_so(bare, words):
    refused = bare.accord(*words, check=False)
    assert (refused.returncode, refused.stdout.strip()) == (1, "")
    assert refused.stderr.strip() == "This home is not ready yet: run accord init first."


def test_help_needs_no_home(bare):
    assert "Make a key and print it alone." in bare.accord("key", "--help").stdout
