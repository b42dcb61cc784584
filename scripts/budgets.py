"""Sizes of files and functions beside what the project allows itself. Fails above the hard limits only.

python -m scripts.budgets
"""

import ast
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from scripts.sources import files, functions, python, text, tree, where

FILE, VIEW, FUNCTION = 600, 60, 80
AIMS = {50: 10, 90: 30, 99: 70}


@dataclass(frozen=True)
class Measured:
    place: str
    name: str
    lines: int
    limit: int

    @property
    def over(self) -> bool:
        return self.lines > self.limit

    def __str__(self) -> str:
        return f"{self.place}: {self.name} has {self.lines} lines, {self.limit} are allowed"


def file_sizes() -> list[Measured]:
    paths = files("*.py", "*.html", "*.css", "*.js", below=("src", "tests", "bench", "scripts"))
    return [Measured(where(path), "the file", text(path).count("\n"), FILE) for path in paths]


def function_sizes(*below: str) -> list[Measured]:
    return [
        Measured(where(path, node.lineno), node.name, length(path, node), VIEW if is_view(path, node) else FUNCTION)
        for path in python(*below)
        for node in functions(path)
    ]


def length(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, blank ones apart."""
    lines = text(path).splitlines()[node.lineno - 1 : node.end_lineno]
    return sum(bool(line.strip()) for line in lines)


def is_view(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return "web" in path.parts and bool(node.args.args) and node.args.args[0].arg == "request"


def shares() -> dict[str, str]:
    """What is reported and not limited: how often a docstring, a comment, a broad `except` stands in the code."""
    paths = python("src")
    nodes = [node for path in paths for node in functions(path)]
    documented = sum(ast.get_docstring(node) is not None for node in nodes)
    lines = sum(bool(line.strip()) for path in paths for line in text(path).splitlines())
    broad = sum(len(re.findall(r"except (Base)?Exception\b|except:", text(path))) for path in paths)
    return {
        "functions with a docstring": f"{documented / max(len(nodes), 1):.0%}",
        "comment lines": f"{sum(map(comments, paths)) / max(lines, 1):.1%}",
        "broad excepts": str(broad),
        "try per 1,000 lines": f"{1000 * sum(map(tries, paths)) / max(lines, 1):.1f}",
    }


def comments(path: Path) -> int:
    with path.open("rb") as source:
        return sum(token.type == tokenize.COMMENT for token in tokenize.tokenize(source.readline))


def tries(path: Path) -> int:
    return sum(isinstance(node, ast.Try) for node in ast.walk(tree(path)))


def over() -> list[Measured]:
    return [one for one in [*file_sizes(), *function_sizes("src", "tests", "bench", "scripts")] if one.over]


def main() -> int:
    lines = sorted(one.lines for one in function_sizes("src"))
    cuts = quantiles(lines, n=100, method="inclusive") if len(lines) > 1 else [0.0] * 99
    found = ", ".join(f"p{share} {cuts[share - 1]:.0f} (aim {aim})" for share, aim in AIMS.items())
    print(
        f"{len(lines)} functions, lines: {found}; " + ", ".join(f"{what} {value}" for what, value in shares().items())
    )
    too_long = over()
    for one in too_long:
        print(one, file=sys.stderr)
    return bool(too_long)


if __name__ == "__main__":
    sys.exit(main())
