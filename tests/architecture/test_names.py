"""Modules and classes are named after things of the field, and words are those of the glossary."""

import ast
import re

import pytest

from scripts.sources import ROOT, python, templates, text, tree, where

NO_NAMES = {
    "services", "service", "utils", "util", "helpers", "helper", "managers", "manager", "signals", "constants",
    "exceptions", "common", "misc", "admin", "base", "mixins", "handlers", "shared", "core",
}  # fmt: skip
FOUND_BY_NAME = {"src/accord/kernel/postgresql/base.py": "Django looks for the backend of a database in a module base"}
ENDINGS = ("Service", "Manager", "Handler", "Helper", "Helpers", "Util", "Utils")
EXCEPTIONS = {
    "MemberManager": "Django looks for create_user on a manager of the user model",
}
GLOSSARY = ROOT / "docs" / "glossary.md"


def test_no_module_is_a_drawer_for_odds_and_ends():
    drawers = {
        where(path) for path in python("src", "tests", "bench", "scripts") if {path.stem, path.parent.name} & NO_NAMES
    }
    assert drawers == set(FOUND_BY_NAME)


def test_no_class_is_named_after_a_pattern():
    found = [
        f"{where(path, node.lineno)} {node.name}"
        for path in python("src", "tests", "bench", "scripts")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(ENDINGS) and node.name not in EXCEPTIONS
    ]
    assert found == []


def forbidden_words() -> dict[str, str]:
    """Each word of the glossary's last column, with the word to use."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|.*\|(.*)\|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return {synonym: word for word, cells in rows for synonym in re.findall(r"`([^`]+)`", cells)}


def words(name: str) -> str:
    """`leadHandover`, `LeadHandover` and `lead_handover` are all ` lead handover `."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return " " + re.sub(r"[\W_]+", " ", spaced).strip().lower() + " "


def named(node: ast.AST) -> str | None:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return None


def visible(template: str) -> str:
    """What a person reads: the text between tags and inside translation tags, without variables and comments."""
    template = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", " ", template, flags=re.DOTALL)
    spoken = re.findall(r"""{%\s*translate\s+("[^"]*"|'[^']*')""", template)
    plain = re.sub(r"<[^>]*>", " ", re.sub(r"{%.*?%}|{{.*?}}", " ", template, flags=re.DOTALL))
    return " ".join([*spoken, plain])


def test_the_glossary_forbids_something():
    assert forbidden_words()["handover"] == "Hand-off"


def test_names_in_the_code_are_words_of_the_glossary():
    wanted = forbidden_words()
    found = []
    for path in python("src"):
        names = [(path.stem, 1), (path.parent.name, 1)]
        names += [(name, node.lineno) for node in ast.walk(tree(path)) if (name := named(node))]  # type: ignore[attr-defined]
        for name, line in names:
            found += [f"{where(path, line)} {name}: say {wanted[s]}" for s in wanted if f" {s} " in words(name)]
    assert sorted(set(found)) == []


def test_texts_in_templates_are_words_of_the_glossary():
    wanted = forbidden_words()
    found = []
    for path in templates():
        spoken = words(visible(text(path)))
        found += [
            f"{where(path)}: say {wanted[s]}, not {s}" for s in wanted if f" {s} " in spoken or f" {s}s " in spoken
        ]
    assert found == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("SalesHandover", " sales handover "),
        ("sales_handover", " sales handover "),
        ("handoverAt", " handover at "),
    ],
)
def test_a_name_is_split_into_words(written, expected):
    assert words(written) == expected
