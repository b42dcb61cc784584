"""Writes docs/reference/agreement.schema.json, the JSON Schema of the agreement document.

python -m scripts.agreement_doc            write it
python -m scripts.agreement_doc --check    fail if it is stale
"""

import json
import sys
from typing import Any

from accord.rooms.agreement.document.model import Document
from scripts.generated import keep
from scripts.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "agreement.schema.json"
HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Accord agreement",
    "description": "The form of a document. What its parts must not say together, docs/reference/agreement.md tells.",
}


def page() -> str:
    schema = {**Document.model_json_schema(), **HEAD}
    return json.dumps(_without_docstrings(schema), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _without_docstrings(node: Any, top: bool = True) -> Any:
    """What the code says of itself is for its readers, and titles that only repeat a name say nothing."""
    if isinstance(node, list):
        return [_without_docstrings(one, False) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if top or not _said(key, value)}
    return {key: _without_docstrings(value, False) for key, value in kept.items()}


def _said(key: str, value: Any) -> bool:
    return key in ("title", "description") and isinstance(value, str)


def main() -> int:
    return keep(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
