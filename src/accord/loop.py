"""The closed loop on one screen: for every kind of fact, which rooms react to it. Nothing else."""

from accord.kernel.journal import Reaction
from accord.rooms.funnel.reactions import JOIN_PASSAGES, PART_PASSAGES

REACTIONS: dict[str, list[Reaction]] = {
    "contacts_merged": [JOIN_PASSAGES],
    "contacts_unmerged": [PART_PASSAGES],
}

# Facts that nothing reacts to: they are history, and reports read them.
TERMINAL = frozenset()
