"""Reports as files: lines for a spreadsheet, the drawing for a page of one's own."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import vl_convert
import xlsxwriter
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape

from accord.rooms.funnel.fields import STAGE_NAMES
from accord.web.insight import heads
from accord.web.lists.export import BYTE_ORDER_MARK, safe
from accord.web.shell.gate import MemberRequest

# A file stands alone: the tokens of the light theme in colours that every program knows.
LOOK = (
    "text{font:12px sans-serif;fill:#4a4f58}.ax,.f{fill:#646971}.ax{font-size:11px}.b,.big,.med{fill:#1b1e25}"
    ".b,.big{font-weight:600}.big{font-size:21px}.med{font-size:13px;font-weight:500}"
    ".l{fill:none;stroke-width:1.75}.l-mk{stroke:#7c4ed2}.l-sa{stroke:#0a7f8c}"
    ".ln{fill:#e3e5e8}.ink{fill:#3b4049}"
    ".exp{fill:none;stroke-width:1.25;stroke-dasharray:3 3}.mk-e{stroke:#7c4ed2}.sa-e{stroke:#0a7f8c}"
    ".mk{fill:#7c4ed2}.mk-t{fill:#f4f0fd}.mk-x{fill:#6638b6}.sa{fill:#0a7f8c}.sa-t{fill:#e5f6f6}.sa-x{fill:#06606d}"
    ".ho{fill:#c87a1c}.ho-t{fill:#fdf2dc}.ho-x{fill:#7f4d08}"
)
PAPER = '<rect width="100%" height="100%" fill="#ffffff"/>'
TWICE, WIDTH = 2.0, 900
MARGIN, HEAD = 32, 96
SVG = "http://www.w3.org/2000/svg"
ROOT, SIZE = re.compile(r"<svg\b[^>]*>"), re.compile(r' (?:width|height)="[^"]*"')
BOX = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
TOKEN = re.compile(r"var\(--([a-z0-9-]+)\)")
COLOURS = {
    "ink": "#1b1e25",
    "ink-2": "#4a4f58",
    "ink-3": "#646971",
    "line": "#e3e5e8",
    "line-control": "#8b9099",
    "marketing": "#7c4ed2",
    "sales": "#0a7f8c",
    "handoff-mark": "#c87a1c",
    "breach": "#c2362b",
}
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}


def named(content: str | bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def csv_of(rows: Sequence[Mapping[str, Any]], _name: str = "") -> str:
    """Comma-separated, with the names of the columns; shares as fractions of one."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0] if rows else [])
    writer.writerows([safe("" if value is None else str(value)) for value in row.values()] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def xlsx_of(rows: Sequence[Mapping[str, Any]], name: str) -> bytes:
    """One sheet of that name with its heads fixed, for a person to read; numbers are numbers, shares per cent, and no
    text is a formula or a link.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT}) as book:
        sheet, head = book.add_worksheet(name), book.add_format({"bold": True})
        share = book.add_format({"num_format": "0.0%"})
        sheet.freeze_panes(1, 0)
        names = list(rows[0]) if rows else []
        sheet.write_row(0, 0, [heads.head(one) for one in names], head)
        for column, one in enumerate(names):
            sheet.set_column(column, column, None, share if heads.is_share(one) else None)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, [_said(one, value) for one, value in row.items()])
        sheet.autofit()
    return out.getvalue()


def _said(name: str, value: Any) -> Any:
    return str(STAGE_NAMES.get(value, value)) if name in ("stage", "outcome") else value


def drawn_by(template: str) -> Callable[[MemberRequest, Mapping[str, Any]], str]:
    """What a template of the page draws, alone and without its links."""

    def draw(request: MemberRequest, shown: Mapping[str, Any]) -> str:
        drawn = render_to_string(template, {**shown, "plain": True}, request=request).strip()
        return drawn.replace("><", f"><style>{LOOK}</style>{PAPER}<", 1)

    return draw


def framed(drawn: str, title: str, told: str) -> str:
    """A drawing that stands alone in somebody's slides: what it is and of which time above it, and a margin."""
    root = ROOT.search(drawn)
    box = root and BOX.search(root[0])
    if root is None or box is None:
        return drawn
    width, height = float(box[1]), float(box[2])
    whole = width + 2 * MARGIN, height + HEAD + MARGIN
    placed = f'<svg x="{MARGIN}" y="{HEAD}" width="{width}" height="{height}" overflow="visible"'
    inner = SIZE.sub("", root[0]).replace("<svg", placed, 1)
    said = (
        f'<text class="big" x="{MARGIN}" y="48">{escape(title)}</text><text x="{MARGIN}" y="70">{escape(told)}</text>'
    )
    begun = f'<svg xmlns="{SVG}" width="{whole[0]}" height="{whole[1]}" viewBox="0 0 {whole[0]} {whole[1]}">'
    return f"{begun}<style>{LOOK}</style>{PAPER}{said}{drawn.replace(root[0], inner, 1)}</svg>"


svg = drawn_by("insight/wide.html")


def chart(request: MemberRequest, shown: Mapping[str, Any]) -> str:
    """What the browser draws of the page's `spec`, drawn here: a file knows no tokens and has a width of its own."""
    if not shown["spec"]:
        raise Http404
    written = json.dumps({**shown["spec"], "width": WIDTH, "background": "white"})
    return vl_convert.vegalite_to_svg(TOKEN.sub(lambda found: COLOURS[found[1]], written))


def png(drawn: str) -> bytes:
    """Twice as fine as the drawing, on white."""
    return vl_convert.svg_to_png(drawn, scale=TWICE)


WRITTEN: Mapping[str, Callable[[Sequence[Mapping[str, Any]], str], str | bytes]] = {"csv": csv_of, "xlsx": xlsx_of}
DRAWN: Mapping[str, Callable[[str], str | bytes]] = {"svg": str, "png": png}
