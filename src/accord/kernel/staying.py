"""What stays for as long as a process runs, and is no garbage."""

import gc

YOUNG = 200_000  # objects more than there were, at which what is new is looked through
ANSWERING = 10_000  # the same where somebody waits: 200,000 that pages had left behind held all up for 220 ms


def stays(young: int = YOUNG) -> None:
    """All that there is by now is not looked at again by the search for cycles, which holds every thread up.

    Modules, models and templates are most of what a process holds: looking through them took 150 to 500 ms beside
    events that wait to be durable. Rows of files and reports make millions of objects and no cycles, so the search is
    rare, too: it was a seventh of an import.
    """
    gc.freeze()
    gc.set_threshold(young, 50, 50)
