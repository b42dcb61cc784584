"""Files, functions and views stay short enough to be read."""

from scripts import budgets


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
