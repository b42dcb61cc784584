"""The library that draws charts in the browser: made once from the package into the home's static files."""

from importlib.metadata import version
from pathlib import Path

import vl_convert
from django.conf import settings

BUNDLE = "accord/js/vega.js"
EXPORTS = "export { vegaEmbed };"


def build() -> Path:
    """Write the module that exports `vegaEmbed`, unless this version is there. To be called before collectstatic."""
    path = settings.HOME / "built" / BUNDLE
    made_by = f"// vl-convert-python {version('vl-convert-python')}"
    if _first_line(path) != made_by:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{made_by}\n{vl_convert.javascript_bundle(EXPORTS)}", encoding="utf-8")
    return path


def _first_line(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(encoding="utf-8") as written:
        return written.readline().rstrip("\n")
