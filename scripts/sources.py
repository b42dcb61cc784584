"""The project's own files, as the checks see them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "accord"
CODE = ("src", "tests", "bench", "scripts")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def files(*patterns: str, below: tuple[str, ...] = ("src",)) -> list[Path]:
    """Files that match, in order, without migrations and what tools leave behind."""
    found = {path for folder in below for pattern in patterns for path in (ROOT / folder).rglob(pattern)}
    return sorted(p for p in found if not {"migrations", "__pycache__"} & set(p.parts) and p.is_file())


def python(*below: str) -> list[Path]:
    return files("*.py", below=below or ("src",))


def templates() -> list[Path]:
    return [path for path in files("*.html", "*.txt", "*.svg") if "templates" in path.parts]


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


def where(path: Path, line: int | None = None) -> str:
    place = path.relative_to(ROOT).as_posix()
    return f"{place}:{line}" if line else place


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, FUNCTIONS):
            yield node


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module, and every name in a module, that the file imports, wherever the statement stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def strings(path: Path) -> Iterator[tuple[str, int]]:
    """Every string in the code that is not a docstring; of an f-string its fixed parts, joined."""
    skipped: set[int] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            skipped.update(map(id, parts))
            yield " ".join(str(part.value) for part in parts), node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value, node.lineno
