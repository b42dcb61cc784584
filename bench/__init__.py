"""The measured claims: each bench is one module with a `main`, run as `python -m bench NAME` or `accord bench NAME`."""

import ast
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> dict[str, str]:
    """What each bench measures, by name. A module without a `main` is what a bench runs in processes of its own."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("[!_]*.py"))}
    return {name: _first_line(text) for name, text in texts.items() if '\nif __name__ == "__main__":' in text}


def _first_line(text: str) -> str:
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
