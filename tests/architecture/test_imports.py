"""Who may import whom: the contracts, and what the import linter cannot see."""

import ast
import re
import subprocess
import sys

import pytest

from scripts.sources import ROOT, SRC, files, functions, imports, python, strings, templates, text, tree, where

WEB = SRC / "web"
ROOMS = SRC / "rooms"
SQL = re.compile(r"""\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+["']?(\w+)""")
# What a rule may be made of: values, arithmetic and expressions over tables. No Django, no clock, no chance, no query.
PURE = {
    "__future__", "abc", "bisect", "calendar", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "hashlib", "heapq", "ibis", "itertools", "json", "math", "numpy", "operator", "pyarrow", "re", "scipy",
    "statistics", "string", "types", "typing", "unicodedata", "zoneinfo",
}  # fmt: skip

SHARED = ("shell", "lists", "records")  # what pages of every room are made of


def test_the_import_contracts_hold():
    linter = ROOT / ".venv" / "bin" / "lint-imports"
    command = [str(linter)] if linter.exists() else [sys.executable, "-m", "importlinter.cli"]
    result = subprocess.run(
        [*command, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def interface_of(module: str) -> str | None:
    """`people` of `accord.web.people.views`."""
    found = re.match(r"accord\.web\.(\w+)", module)
    return found[1] if found and (WEB / found[1]).is_dir() else None


def test_pages_of_one_room_do_not_import_pages_of_another():
    found = []
    for path in files("*.py", below=("src",)):
        if WEB not in path.parents or path.parent == WEB:
            continue
        own = path.relative_to(WEB).parts[0]
        others = {(m, line) for m, line in imports(path) if interface_of(m) not in (None, own, *SHARED)}
        found += [f"{where(path, line)} imports {module}" for module, line in sorted(others)]
    assert found == []


def rules() -> list:
    """`rules.py` of every room, or the modules of its `rules` package."""
    return [p for p in python("src") if ROOMS in p.parents and "rules" in p.relative_to(ROOMS).with_suffix("").parts]


def test_rules_are_made_of_values():
    """Other modules of this house they may import only if those are pure too: the import contract follows the chain."""
    found = []
    for path in rules():
        roots = {(module.split(".")[0], line) for module, line in imports(path)}
        found += [f"{where(path, line)} imports {root}" for root, line in roots if root not in PURE | {"accord"}]
    assert sorted(found) == []


def test_a_relation_to_another_room_names_a_class_not_a_string():
    """A string in a relation is an import that no linter sees; within a room it breaks a circle between two files."""
    relations = {"ForeignKey", "OneToOneField", "ManyToManyField"}
    found = []
    for path in python("src"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and name_of(node.func) in relations:
                target = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "to"), None)
                if isinstance(target, ast.Constant) and str(target.value).split(".")[0] not in {*path.parts, "self"}:
                    found.append(f"{where(path, node.lineno)} {target.value}")
    assert found == []


def test_tables_of_the_mirror_are_objects():
    """`.table("touches")` outside the warehouse is a table by name."""
    found = [
        where(path, node.lineno)
        for path in python("src")
        if "warehouse" not in str(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "table"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert found == []


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_no_time_comes_from_a_model_or_the_database():
    found = []
    for path in python("src"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
                found.append(f"{where(path, node.value.lineno)} {node.arg}")
        clocks = re.compile(r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|NOW\(\)|clock_timestamp|datetime\('now)", re.IGNORECASE)
        found += [f"{where(path, line)} {value[:40]}" for value, line in strings(path) if clocks.search(value)]
    assert found == []


def test_no_default_argument_reads_the_clock():
    found = []
    for path in python("src"):
        for function in functions(path):
            defaults = [d for d in [*function.args.defaults, *function.args.kw_defaults] if d is not None]
            calls = [n for d in defaults for n in ast.walk(d) if isinstance(n, ast.Call)]
            found += [where(path, call.lineno) for call in calls if "now" in ast.dump(call.func)]
    assert found == []


@pytest.fixture(scope="module")
def tables():
    """Table name → room, for the tables of the rooms."""
    from django.apps import apps

    labels = {path.name for path in ROOMS.iterdir() if path.is_dir()}
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in labels
    }


def test_sql_names_no_table_of_another_room(tables):
    found = []
    for path in python("src"):
        own = path.relative_to(ROOMS).parts[0] if ROOMS in path.parents else None
        for value, line in strings(path):
            named = {table: tables[table] for table in SQL.findall(value) if table in tables}
            found += [f"{where(path, line)} {table} of {room}" for table, room in named.items() if room != own]
    assert found == []


def template_room(name: str) -> str:
    return name.split("/")[0]


def test_pages_use_templates_of_their_own_room_or_the_shell():
    rooms = {path.name for path in WEB.iterdir() if path.is_dir()}
    found = []
    for path in python("src"):
        own = path.relative_to(WEB).parts[0] if WEB in path.parents else None
        for value, line in strings(path):
            if re.fullmatch(r"[\w/-]+\.(html|txt)(#[\w-]+)?", value) and template_room(value) in rooms - {own, *SHARED}:
                found.append(f"{where(path, line)} {value}")
    for path in templates():
        own = path.relative_to(WEB).parts[0]
        used = re.findall(r"""{%\s*(?:include|extends|partial)\s+["']([^"']+)["']""", text(path))
        found += [f"{where(path)} {name}" for name in used if template_room(name) in rooms - {own, *SHARED}]
    assert found == []
