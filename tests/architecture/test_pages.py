"""Templates, style sheets and behaviours keep to what a strict policy and a plain build allow."""

import re
from html.parser import HTMLParser

import pytest

from scripts.sources import SRC, files, python, strings, templates, text, where

CSS = SRC / "web" / "static" / "css"
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
DATA = {"application/json", "application/ld+json", "speculationrules", "importmap"}


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", css, flags=re.DOTALL)


def classes_defined() -> dict[str, str]:
    """Each class that a style sheet selects, with where."""
    found = {}
    for path in files("*.css"):
        selectors = re.findall(r"([^{}]+){", without_comments(text(path)))
        for selector in selectors:
            found.update(
                dict.fromkeys(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r'"[^"]*"', "", selector)), where(path))
            )
    return found


def classes_used() -> tuple[set[str], set[str]]:
    """Whole words where a class can be given, and beginnings that a template completes: `stage--{{ kind }}`."""
    words: set[str] = set()
    beginnings: set[str] = set()
    for path in templates():
        for _, given in re.findall(r"""class(?:es)?=(["'])(.*?)\1""", protected(text(path)), re.DOTALL):
            words |= set(re.findall(r"[A-Za-z][\w-]*", given))
            beginnings |= set(re.findall(r"([A-Za-z][\w-]*-)\x00", given))
    for path in [*python("src"), *files("*.js")]:
        source = [value for value, _ in strings(path)] if path.suffix == ".py" else [text(path)]
        for value in source:
            words |= set(re.findall(r"[A-Za-z][\w-]*", value))
            beginnings |= set(re.findall(r"[A-Za-z][\w-]*-(?![\w-])", value))
    return words, beginnings


def protected(template: str) -> str:
    """Variables become a mark; what tags choose between stays as words; quotes inside tags end no attribute."""
    template = re.sub(r"{#.*?#}", "", template, flags=re.DOTALL)
    template = re.sub(r"{{.*?}}", "\x00", template, flags=re.DOTALL)
    return re.sub(r"{%.*?%}", lambda tag: " " + re.sub(r"[\"'=<>]", " ", tag[0]) + " ", template, flags=re.DOTALL)


def test_no_class_in_a_style_sheet_goes_unused():
    words, beginnings = classes_used()
    unused = {
        f"{place} .{name}"
        for name, place in classes_defined().items()
        if name not in words and not name.startswith(tuple(beginnings))
    }
    assert sorted(unused) == []


class Policy(HTMLParser):
    """Collects what a strict content security policy would refuse."""

    def __init__(self):
        super().__init__()
        self.refused: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        line = self.getpos()[0]
        self.refused += [f"{line} <{tag} {name}>" for name in given if name == "style" or re.match(r"(on|hx-on)", name)]
        self.refused += [f"{line} {name}" for name, value in attrs if name.startswith("hx-") and "js:" in (value or "")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") not in DATA):
            self.refused.append(f"{line} inline <{tag}>")
        outside = given.get("src") or (given.get("href") if tag == "link" else "") or ""
        if outside.startswith(("http:", "https:", "//")):
            self.refused.append(f"{line} {outside}")


def blank(tag: re.Match[str]) -> str:
    """A variable is some text, a tag is a space; lines keep their numbers."""
    return "\n" * tag[0].count("\n") + ("x" if tag[0].startswith("{{") else " ")


def refused(template: str) -> list[str]:
    policy = Policy()
    policy.feed(TAG.sub(blank, template))
    return policy.refused


def test_no_template_needs_what_the_policy_forbids():
    assert [f"{where(path)}:{what}" for path in templates() for what in refused(text(path))] == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('<p style="color:red">', ["1 <p style>"]),
        ('\n<a {% if x %}onclick="go()"{% endif %}>', ["2 <a onclick>"]),
        ('<button hx-on:click="go()">', ["1 <button hx-on:click>"]),
        ("<script>go()</script>", ["1 inline <script>"]),
        ('<script type="application/json">{}</script>', []),
        ('<script src="{% static "js/app.js" %}" type="module"></script>', []),
        ('<img src="https://elsewhere.example/x.png">', ["1 https://elsewhere.example/x.png"]),
    ],
)
def test_the_policy_sees_what_is_inline(template, expected):
    assert refused(template) == expected


def test_behaviours_write_no_inline_style_and_evaluate_no_text():
    unsafe = re.compile(r"\beval\(|new Function\(|setAttribute\(\s*[\"']style|\.innerHTML\s*=|document\.write|cssText")
    found = [
        f"{where(path, number)} {line.strip()}"
        for path in files("*.js")
        for number, line in enumerate(text(path).splitlines(), 1)
        if unsafe.search(line)
    ]
    assert found == []


def test_every_behaviour_that_a_template_names_exists_and_the_other_way_round():
    named = {
        name
        for path in templates()
        for given in re.findall(r'data-behaviour="([^"{]*)"', text(path))
        for name in given.split()
    }
    kept = {path.stem for path in files("*.js") if path.parent.name == "behaviours"}
    assert named - kept == set(), "named, not there"
    assert kept - named == set(), "there, not named"
