from collections.abc import Sequence

from accord.kernel import traits
from accord.rooms.funnel.models import Deal


def deal_words(deals: Sequence[int]) -> list[tuple[int, Sequence[str | None]]]:
    """By which words deals are found; those in the trash are not."""
    found: list[tuple[int, Sequence[str | None]]] = []
    for chunk in traits.chunked(deals):
        rows = Deal.objects.here().filter(pk__in=chunk).values_list("id", "name")
        found.extend((pk, words) for pk, *words in rows)
    return found
