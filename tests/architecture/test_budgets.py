"""Files, functions and views stay short enough to be read."""

import ast

from scripts import budgets
from scripts.sources import functions, python, where


def test_nothing_is_longer_than_the_hard_limits():
    assert [str(one) for one in budgets.over()] == []


def test_a_long_view_and_a_long_function_are_measured_apart(tmp_path):
    page = tmp_path / "web" / "views.py"
    page.parent.mkdir()
    body = "    x = 1\n\n" * 61
    page.write_text(f"def page(request):\n{body}\n\ndef plain(value):\n{body}")
    view, plain = budgets.functions(page)

    assert budgets.length(page, view) == 62
    assert budgets.is_view(page, view)
    assert budgets.length(page, plain) == 62
    assert not budgets.is_view(page, plain)


def shape(function: ast.AST) -> str:
    """A function without its names and docstring: two that do the same to different things look alike."""

    class Nameless(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Name("_", node.ctx)

        def visit_arg(self, node):
            return ast.arg("_", None)

    copied = ast.parse(ast.unparse(function)).body[0]
    body = copied.body[1:] if ast.get_docstring(copied) else copied.body
    return "\n".join(ast.dump(Nameless().visit(statement)) for statement in body)


def test_nothing_stands_twice():
    seen: dict[str, list[str]] = {}
    for path in python("src"):
        for node in functions(path):
            if budgets.length(path, node) >= 6:
                seen.setdefault(shape(node), []).append(f"{where(path, node.lineno)} {node.name}")
    assert [places for places in seen.values() if len(places) > 1] == []


def test_two_functions_that_differ_in_names_alone_are_seen():
    first, second = ast.parse("def a(x):\n    return f(x, 1)\ndef b(y):\n    'Why.'\n    return g(y, 1)").body
    assert shape(first) == shape(second)
