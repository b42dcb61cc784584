"""How the timeline tells of mails that did not arrive."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Letter
from accord.web.records.timeline import SALES, Book, Entry, Teller


def gather(facts: Sequence[Fact]) -> Mapping[int, Letter]:
    return Letter.objects.select_related("mail", "by").in_bulk({fact.subject_id for fact in facts if fact.subject_id})


def tell(fact: Fact, letters: Mapping[int, Letter], book: Book) -> Entry | None:
    letter = letters.get(fact.subject_id or 0)
    if letter is None:
        return None
    detail = " · ".join((letter.mail.subject, str(letter.by)))
    return Entry("mail-x", _("A mail did not arrive"), detail, SALES, quote=letter.mail.error)


UNDELIVERED = Teller(kinds=frozenset({"mail_undelivered"}), gather=gather, tell=tell)
