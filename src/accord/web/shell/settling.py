"""What a click set off, done before its page is shown: for pages that show what came of it."""

from accord.kernel import journal, ledger

MOST_FACTS, MOST_MILLISECONDS = 200, 5000  # judging a lead for the first time compiles its agreement


def settle(*, judging: bool = True) -> None:
    """The worker does what is left over: without `judging`, which may take long, all of that as well."""
    caused = ledger.caused.get() or []
    journal.drain_caused(caused, most=MOST_FACTS, milliseconds=MOST_MILLISECONDS, slow=judging)
    if not judging:
        caused.clear()  # the edge of the request has nothing left to run
