"""Writes docs/reference/openapi.json, the description of the REST API.

python -m scripts.openapi_doc            write it
python -m scripts.openapi_doc --check    fail if it is stale
"""

import json
import sys

import django
from django.utils.translation import override

from scripts.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "openapi.json"


def page() -> str:
    from accord.api.urls import api  # noqa: PLC0415 - only once Django is set up

    with override("en"):
        return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"


def main() -> int:
    django.setup()
    if "--check" not in sys.argv:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/reference/openapi.json is stale: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
