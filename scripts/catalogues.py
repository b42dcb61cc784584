"""The translation catalogues: English stands in the code, every other language in src/accord/locale.

python -m scripts.catalogues update     add new strings, drop the ones that are gone
python -m scripts.catalogues compile    write the .mo files that Django reads
python -m scripts.catalogues check      name what is missing, empty, doubtful or stale; fails if anything is
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "accord"
LOCALE = SOURCE / "locale"
LANGUAGES = ("zh_Hans",)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
CALL = re.compile(r"(?<!\w)(gettext|ngettext|pgettext|npgettext|_)\(")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

Key = tuple[str | None, str]


@dataclass(frozen=True)
class Complaint:
    language: str
    what: str
    message: str

    def __str__(self) -> str:
        return f"{self.language}: {self.what}: {self.message!r}"


def template() -> Catalog:
    """Every string that the code marks for translation, where it stands."""
    found = Catalog(project="Accord", charset="utf-8")
    for path in sorted(
        [*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]
    ):
        place = path.relative_to(ROOT).as_posix()
        for _, message, comments, context in marked(path):
            # Without line numbers, so that an edit elsewhere in a file changes no catalogue.
            flags = ["python-format"] if "%(" in str(message) else []
            found.add(message, None, [(place, None)], flags=flags, auto_comments=comments, context=context)  # type: ignore[list-item]
    return found


def marked(path: Path) -> Iterator[tuple]:
    if path.suffix == ".py":
        yield from extract("python", io.BytesIO(path.read_bytes()), keywords=KEYWORDS, comment_tags=("Translators:",))
    else:
        yield from marked_in_template(path)


def marked_in_template(path: Path) -> Iterator[tuple]:
    """Django turns a template into text in which only the marked strings are left, as Python calls."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for start in CALL.finditer(source):
        name, spoken = start[1], arguments(source, start.end())
        context = spoken.pop(0) if name in ("pgettext", "npgettext") else None
        yield 0, tuple(spoken[:2]) if name in ("ngettext", "npgettext") else spoken[0], [], context


def arguments(source: str, start: int) -> list[str]:
    """The string arguments of the call whose parenthesis opens just before `start`."""
    for end in (found.start() for found in re.compile(r"\)").finditer(source, start)):
        with suppress(SyntaxError):
            call = ast.parse(f"f({source[start:end]})", mode="eval").body
            return [
                node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    raise ValueError(f"a translation call is not closed: {source[start : start + 60]!r}")


def catalogues() -> dict[str, Path]:
    return {language: LOCALE / language / "LC_MESSAGES" / "django.po" for language in LANGUAGES}


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, project="Accord", version="1", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    current = template()
    for language, path in catalogues().items():
        catalogue = read(path, language)
        catalogue.update(current, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True)
        print(f"{language}: {len(catalogue)} strings, {sum(map(is_empty, messages(catalogue)))} to translate")


def compile_all() -> None:
    for language, path in catalogues().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path, language))


def check() -> list[Complaint]:
    wanted = {key(message) for message in messages(template())}
    return [
        one for language, path in catalogues().items() for one in complaints(language, read(path, language), wanted)
    ]


def complaints(language: str, catalogue: Catalog, wanted: set[Key]) -> Iterator[Complaint]:
    known = {key(message): message for message in messages(catalogue)}
    yield from (Complaint(language, "not in the catalogue", text) for _, text in sorted(wanted - set(known), key=str))
    yield from (Complaint(language, "no longer in the code", text) for _, text in sorted(set(known) - wanted, key=str))
    for message in known.values():
        text = key(message)[1]
        if is_empty(message):
            yield Complaint(language, "not translated", text)
        elif message.fuzzy:
            yield Complaint(language, "marked as doubtful", text)
        elif placeholders(forms(message.id)) != placeholders(forms(message.string)):
            yield Complaint(language, "placeholders differ", text)


def messages(catalogue: Catalog) -> list:
    return [message for message in catalogue if message.id]


def key(message) -> Key:
    return message.context, forms(message.id)[0]


def forms(value: str | list | tuple) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def is_empty(message) -> bool:
    return not all(forms(message.string or ""))


def placeholders(texts: list[str]) -> set[str]:
    """Of all forms together: a singular may do without its number."""
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


def main(task: str) -> int:
    if task == "update":
        update()
    elif task == "compile":
        compile_all()
    else:
        found = check()
        print("\n".join(map(str, found)) or "every string is translated")
        return bool(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["check"]))
