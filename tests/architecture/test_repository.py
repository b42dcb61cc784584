"""What is committed is ours, names no machine, and the README's commands exist."""

import ast
import re
import subprocess

from scripts.sources import ROOT, python, text, tree, where

THIRD_PARTY = re.compile(
    r"\.min\.(js|css)$|(^|/)(vendor|node_modules|site-packages)/|\.(whl|jar|so|dll|woff2?|ttf|otf)$"
)
# Written apart so that this file does not find itself.
MACHINE = re.compile(r"(^|[^\w.])/(?:" + "|".join(["work", "root", "farm", "home/\\w+", "Users"]) + r")/[a-z.]")
UNFINISHED = re.compile(
    "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX\\b", "NotImplemented" + "Error", "lorem " + "ipsum"])
)
LARGEST = 250_000  # bytes of a picture


def committed() -> list[str]:
    """What git keeps or would keep: tracked files and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in names if name and (ROOT / name).is_file())


def lines(name: str) -> list[tuple[str, str]]:
    content = (ROOT / name).read_bytes()
    if b"\0" in content[:4096]:
        return []
    return [(f"{name}:{number}", line) for number, line in enumerate(content.decode("utf-8").splitlines(), 1)]


def test_no_third_party_file_is_committed():
    assert [name for name in committed() if THIRD_PARTY.search(name)] == []


def test_no_compiled_or_local_file_is_committed():
    assert [name for name in committed() if re.search(r"\.(mo|pyc|sqlite3|parquet)$|^var/", name)] == []


def test_no_machine_is_named():
    found = [place for name in committed() for place, line in lines(name) if MACHINE.search(line)]
    assert found == []


def test_nothing_is_left_unfinished():
    code = [name for name in committed() if name.startswith(("src/", "tests/", "scripts/", "bench/"))]
    found = [
        place
        for name in code
        if name.endswith((".py", ".html", ".js", ".css", ".sh"))
        for place, line in lines(name)
        if UNFINISHED.search(line)
    ]
    assert found == []


def test_the_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        (page.name, goal) for page in pages for goal in re.findall(r"\bmake ([a-z]+)\b(?=[`\s.,;:)]|$)", code_of(page))
    }
    assert {(page, goal) for page, goal in named if goal not in targets} == set()
    assert {"run", "test"} <= {goal for page, goal in named if page == "README.md"}


def code_of(page) -> str:
    """What a page sets in code: blocks and spans."""
    content = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", content, re.DOTALL))


def test_every_setting_from_the_environment_is_documented():
    sources = [path for path in python("src") if "settings" in path.parts]
    read = {name for path in sources for name in re.findall(r"""environ(?:\.get\(|\[)\s*["'](\w+)""", text(path))}
    assert read, "settings are read from the environment"
    assert read - set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))) == set()


def test_links_between_pages_lead_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    found = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not re.match(r"\w+:", target) and not (page.parent / target).exists():
                found.append(f"{page.relative_to(ROOT)} → {target}")
    assert found == []


def test_pictures_are_shown_and_taken_by_the_script():
    """Each stands on a page, is made anew by `make pictures`, and is small enough for a page that loads at once."""
    pictures = sorted((ROOT / "docs/images").glob("*"))
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = [name for page in pages for name in re.findall(r"]\([\w./]*images/([\w.-]+)\)", text(page))]
    taken = re.findall(r'keep\(page, "(\w+)"\)', text(ROOT / "scripts/pictures.py"))
    assert sorted(shown) == [picture.name for picture in pictures] == sorted(f"{name}.png" for name in taken)
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST] == []


def test_a_decision_is_told_in_under_four_hundred_words():
    pages = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert {
        page.name: len(page.read_text(encoding="utf-8").split())
        for page in pages
        if len(page.read_text().split()) >= 400
    } == {}


def test_nothing_of_ours_is_replaced_in_a_test():
    """A test that patches what it tests says nothing. What leaves the house (mail, HTTP) is caught at its library."""
    found = []
    for path in python("tests"):
        ours = {name.asname or name.name for name in imported_from_accord(path)}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "monkeypatch.setattr",
                "mocker.patch",
                "patch",
            ):
                target = ast.unparse(node.args[0]).strip("'\"")
                size = target.rpartition(".")[2].isupper()  # a limit that a test makes small replaces no behaviour
                if target.split(".")[0] in {"accord", *ours} and not size:
                    found.append(f"{where(path, node.lineno)} {target}")
    assert found == []


def imported_from_accord(path) -> list[ast.alias]:
    froms = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return [alias for node in froms if (node.module or "").startswith("accord") for alias in node.names]
