"""Files of verdicts: which touches were made by machines after all, and since when we knew."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.imports.models import ImportKey
from accord.kernel.imports.values import parse_bool
from accord.kernel.ledger import Rows, Writing
from accord.rooms.capture.models import Verdict


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id of the touch"), "text", True),
        Target("machine", _("Made by a machine"), "text", True),
        Target("recorded_at", _("Known since"), "date", False),
    ]


def plan(batch: Batch) -> Plan:
    made = Plan()
    touches = _touches([row.cells["external_id"] for row in batch.rows if row.get("external_id")])
    kept: list[tuple[Row, int, bool]] = []
    for row in batch.rows:
        touch = touches.get(row.get("external_id", ""))
        if touch is None:
            made.reject(
                row,
                format_lazy(_("There is no touch “{id}”: import the touches first."), id=row.get("external_id", "")),
            )
        elif batch.history and not row.get("recorded_at"):
            made.reject(row, _("History needs the time since when the verdict was known."))
        else:
            _judge(row, touch, kept, made)
    made.apply = lambda writing: _apply(writing, kept, batch)
    return made


def _judge(row: Row, touch: int, kept: list[tuple[Row, int, bool]], made: Plan) -> None:
    try:
        kept.append((row, touch, parse_bool(row.get("machine", ""))))
        made.created.append(row)
    except ValueError as wrong:
        made.reject(row, wrong)


def _touches(external_ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in traits.chunked(set(external_ids)):
        keys = ImportKey.objects.filter(kind="touches", key__in=chunk).order_by("id")
        found.update(keys.values_list("key", "record"))
    return found


def _apply(writing: Writing, kept: list[tuple[Row, int, bool]], batch: Batch) -> Written:
    rows = [(touch, machine, row.get("recorded_at") if batch.history else None) for row, touch, machine in kept]
    records = {row.key: touch for row, touch, _machine in kept}
    return Written([Rows(Verdict, ["touch_id", "machine", "recorded_at"], rows)], records)


KIND = Kind("verdicts", _("Verdicts on touches"), targets, plan)
