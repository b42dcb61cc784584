"""Writes docs/reference/openapi.json, the description of the REST API.

python -m scripts.openapi_doc            write it
python -m scripts.openapi_doc --check    fail if it is stale
"""

import json
import sys

import django
from django.utils.translation import override

from scripts.generated import keep
from scripts.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "openapi.json"


def page() -> str:
    from accord.api.urls import api  # noqa: PLC0415 - only once Django is set up

    with override("en"):
        return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"


def main() -> int:
    django.setup()
    return keep(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
