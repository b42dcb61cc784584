class LostRace(Exception):
    """Somebody else changed the record since it was read."""


def guard(updated: int) -> None:
    if updated != 1:
        raise LostRace
