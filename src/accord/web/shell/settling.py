"""What a click set off, done before its page is shown: for pages that show what came of it."""

from accord.kernel import journal, ledger

MOST_FACTS, MOST_MILLISECONDS = 200, 5000  # judging a lead for the first time compiles its agreement


def settle() -> None:
    """The worker does what is left over."""
    journal.drain_caused(ledger.caused.get() or [], most=MOST_FACTS, milliseconds=MOST_MILLISECONDS)
