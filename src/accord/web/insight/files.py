"""Reports as files: lines for a spreadsheet, the drawing for a page of one's own."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert
from django.http import HttpResponse
from django.template.loader import render_to_string

from accord.web.lists.export import BYTE_ORDER_MARK, safe
from accord.web.shell.gate import MemberRequest

# A file stands alone: the tokens of the light theme in colours that every program knows.
LOOK = (
    "text{font:12px sans-serif;fill:#4a4f58}.ax,.f{fill:#646971}.ax{font-size:11px}.b,.big,.med{fill:#1b1e25}"
    ".b,.big{font-weight:600}.big{font-size:21px}.med{font-size:13px;font-weight:500}"
    ".ln{fill:#e3e5e8}"
    ".mk{fill:#7c4ed2}.mk-t{fill:#f4f0fd}.mk-x{fill:#6638b6}.sa{fill:#0a7f8c}.sa-t{fill:#e5f6f6}.sa-x{fill:#06606d}"
    ".ho{fill:#c87a1c}.ho-t{fill:#fdf2dc}.ho-x{fill:#7f4d08}"
)
PAPER = '<rect width="100%" height="100%" fill="#ffffff"/>'
TWICE = 2.0


def named(content: str | bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Comma-separated, with the names of the columns; shares as fractions of one."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0] if rows else [])
    writer.writerows([safe("" if value is None else str(value)) for value in row.values()] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def svg(request: MemberRequest, shown: Mapping[str, Any]) -> str:
    drawn = render_to_string("insight/wide.html", {**shown, "plain": True}, request=request).strip()
    return drawn.replace("><", f"><style>{LOOK}</style>{PAPER}<", 1)


def png(drawn: str) -> bytes:
    """Twice as fine as the drawing, on white."""
    return vl_convert.svg_to_png(drawn, scale=TWICE)
