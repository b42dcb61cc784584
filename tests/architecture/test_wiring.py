"""Every fact goes somewhere, every key points down, every room answers a merge."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLResolver, get_resolver

from accord import loop
from accord.kernel import facts
from scripts import loop_doc
from scripts.sources import ROOT, SRC, python, strings, text, tree, where

ORDER = (
    "team", "people", "talk", "content", "campaigns", "capture", "agreement", "scoring", "funnel", "handoff", "desk",
    "nurture", "customers", "promises", "insight", "planning", "reviews", "notices",
    "trail",
)  # fmt: skip


def rooms() -> set[str]:
    return {path.name for path in (SRC / "rooms").iterdir() if path.is_dir() and path.name != "__pycache__"}


def storey(label: str) -> int:
    """How high an app stands: what is not ours is the ground, then the kernel, then the rooms in their order."""
    if label in ORDER:
        return 2 + ORDER.index(label)
    return 1 if label == "kernel" else 0


def relations() -> list[tuple]:
    """(model, field, model pointed at) for every relation of ours, through tables included."""
    return [
        (model, field, field.related_model)
        for model in apps.get_models(include_auto_created=True)
        if storey(model._meta.app_label)
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
    ]


def names_of_addresses(resolver: URLResolver, within: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from names_of_addresses(one, f"{within}{one.namespace or ''}:")
        elif one.name and one.lookup_str.startswith("accord."):
            yield within.strip(":") + one.name


def test_no_two_addresses_have_one_name():
    """Of two the last is always meant: what was to lead back to the sources of events led to a report."""
    counted = Counter(names_of_addresses(get_resolver()))
    assert [name for name, times in counted.items() if times > 1] == []
    assert "event_sources" in counted


def test_every_room_has_its_place_in_the_order():
    assert rooms() - set(ORDER) == set()


def test_every_record_belongs_to_the_kernel_or_a_room():
    ours = {m._meta.app_label for m in apps.get_models() if m.__module__.startswith("accord.")}
    assert ours - {"kernel", "api", *ORDER} == set()


def test_keys_between_rooms_point_down():
    found = [
        f"{model._meta.label}.{field.name} → {target._meta.label}"
        for model, field, target in relations()
        if storey(target._meta.app_label) > storey(model._meta.app_label)
    ]
    assert found == []


def reached_upwards() -> dict[str, set[str]]:
    """Room → the names by which its records could reach higher rooms, as in `contact.leads` or `leads__stage`."""
    names = defaultdict(set)
    for model, field, target in relations():
        if storey(target._meta.app_label) < storey(model._meta.app_label) and not field.remote_field.hidden:
            names[target._meta.app_label] |= {field.remote_field.get_accessor_name(), field.related_query_name()}
    return names


def spoken(path: Path) -> Iterator[tuple[str, int]]:
    """Attributes, keyword arguments and strings of a file: where such a name would stand."""
    yield from strings(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value.lineno


def test_a_lower_room_does_not_reach_a_higher_one_through_a_key():
    """Django gives the lower record an accessor for every key that points at it; no import shows its use."""
    found = [
        f"{where(path, line)} {name}"
        for room, names in reached_upwards().items()
        for path in python("src")
        if path.is_relative_to(SRC / "rooms" / room)
        for name, line in spoken(path)
        if name.split("__")[0] in names
    ]
    assert found == []


def test_every_kind_of_fact_is_wired_or_declared_terminal():
    kinds, wired, terminal = set(facts.kinds()), set(loop.REACTIONS), set(loop.TERMINAL)
    assert kinds - wired - terminal == set(), "neither wired nor terminal"
    assert (wired | terminal) - kinds == set(), "of which nobody has heard"
    assert wired & terminal == set(), "both wired and terminal"
    assert [kind for kind, reactions in loop.REACTIONS.items() if not reactions] == []


def test_a_reaction_has_one_key():
    by_key = {}
    for reactions in loop.REACTIONS.values():
        for reaction in reactions:
            assert by_key.setdefault(reaction.key, reaction) == reaction


def answering(kind: str) -> set[str]:
    """The rooms whose reactions are wired to a kind of fact."""
    return {reaction.plan.__module__.split(".")[2] for reaction in loop.REACTIONS.get(kind, ())}


def test_every_room_with_a_key_to_a_contact_answers_a_merge():
    """`people` moves its own rows in the verb itself."""
    keyed = {m._meta.app_label for m, _, target in relations() if target._meta.label == "people.Contact"}
    assert keyed - {"people"} - answering("contacts_merged") == set()


def test_the_loop_is_a_table_and_nothing_else():
    body = ast.parse(text(SRC / "loop.py")).body
    kept = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    others = [node for node in body if not isinstance(node, kept) and not is_docstring(node)]
    assert [ast.unparse(node) for node in others] == []


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_the_page_about_the_loop_is_fresh():
    assert (ROOT / "docs/reference/loop.md").read_text(encoding="utf-8") == loop_doc.page()


@pytest.mark.parametrize("forbidden", ["django.contrib.admin"])
def test_no_editing_path_around_the_verbs(forbidden):
    assert not apps.is_installed(forbidden)
    assert [path for path in python("src") if any(forbidden in value for value, _ in strings(path))] == []
