"""Search: every record that is here is found by its present words, and no other record is."""

from collections.abc import Callable

from django.db import connection, models

from accord.kernel import fields
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import Stretch, each, within
from accord.kernel.search import SearchEntry
from accord.kernel.text import fold, index_tokens


def findable(kind: str, model: type[models.Model]) -> Invariant:
    """A room says that records of a kind are found by their words; those in the trash are not."""
    return Invariant("search", _entries(kind, model))


def _entries(kind: str, model: type[models.Model]) -> Callable[[Findings], None]:
    def check(findings: Findings) -> None:
        for stretch in each(model, findings):
            _compare(findings, kind, model, stretch)
        _of_nothing(findings, kind, model)

    return check


def _compare(findings: Findings, kind: str, model: type[models.Model], stretch: Stretch) -> None:
    rows = model._default_manager.filter(pk__gt=stretch.low, pk__lte=stretch.high)
    here = list(rows.here().order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
    trashed = set(rows.filter(trashed_at__isnull=False).values_list("pk", flat=True))
    entries = SearchEntry.objects.filter(kind=kind, record__gt=stretch.low, record__lte=stretch.high)
    found = dict(entries.values_list("record", "words"))
    for record, words in fields.words_of(kind, here):
        if record not in found:
            findings.wrong(kind, record, "search does not know it")
        elif found[record] != fold("\n".join(word for word in words if word)):
            findings.wrong(kind, record, "search knows it by other words than its present ones")
    for record in sorted(trashed & found.keys()):
        findings.wrong(kind, record, "search finds it in the trash")


def _of_nothing(findings: Findings, kind: str, model: type[models.Model]) -> None:
    for stretch in each(SearchEntry, findings):
        found = stretch.rows(
            f"SELECT e.record FROM search_entry e WHERE {within('e')} AND e.kind = %(kind)s "
            f'AND NOT EXISTS (SELECT 1 FROM "{model._meta.db_table}" r WHERE r.id = e.record)',
            kind=kind,
        )
        for (record,) in found:
            findings.wrong(kind, record, "search finds it, and it does not exist")


def _index(findings: Findings) -> None:
    """The index beside the entries holds each of them."""
    look = _pairs if connection.vendor == "postgresql" else _documents
    for stretch in each(SearchEntry, findings):
        look(findings, stretch)


def _documents(findings: Findings, stretch: Stretch) -> None:
    # The index keeps no text, but the size of every document that it holds.
    absent = stretch.rows(
        f"SELECT e.kind, e.record FROM search_entry e WHERE {within('e')} "
        "AND NOT EXISTS (SELECT 1 FROM search_index_docsize d WHERE d.id = e.id)"
    )
    for kind, record in absent:
        findings.wrong(kind, record, "the search index lacks it")


def _pairs(findings: Findings, stretch: Stretch) -> None:
    rows = stretch.rows("SELECT kind, record, words, pairs FROM search_entry WHERE id > %(low)s AND id <= %(high)s")
    for kind, record, words, pairs in rows:
        if pairs != index_tokens(kind, *words.split("\n")):
            findings.wrong(kind, record, "the search index has other tokens than those of its words")


INVARIANTS = [Invariant("search_index", _index)]
