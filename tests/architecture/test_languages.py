"""Every string that a person reads is marked, and is in every catalogue."""

import re

from django.conf import settings
from django.utils.translation import to_language

from scripts import catalogues
from scripts.sources import templates, text, where

# Names, signs and units that are the same in every language.
SAME = re.compile(
    r"[\W\d_]*|·? ?Accord|Django|CSV|"
    r"JSON|YAML|API|URL|ID|UTC|English|中文|简体中文|OpenAPI|Ctrl|Cmd|Esc|Enter|Shift|[a-zA-Z]",
    re.UNICODE,
)


def test_every_language_of_the_settings_has_a_catalogue():
    kept = {to_language(language) for language, path in catalogues.catalogues().items() if path.exists()}
    assert kept == {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}


def test_every_string_is_translated():
    assert [str(one) for one in catalogues.check()] == []


def bare(template: str) -> list[str]:
    """Letters between tags that no translation tag holds."""
    template = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", "", template, flags=re.DOTALL)
    template = re.sub(r"{%\s*blocktrans.*?endblocktrans\w*\s*%}", "", template, flags=re.DOTALL)
    template = re.sub(r"<(script|style|code|pre|kbd|title lang)\b.*?</\1>", "", template, flags=re.DOTALL)
    template = re.sub(r"{%.*?%}|{{.*?}}", "\n", template, flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>", "\n", template, flags=re.DOTALL)
    hints = re.findall(r"""\b(?:title|placeholder|aria-label|alt)=["']([^"'\n]+)["']""", template)
    return [word.strip() for word in [*shown.splitlines(), *hints] if not SAME.fullmatch(word.strip())]


def test_no_template_says_a_word_without_marking_it():
    found = [f"{where(path)} {word}" for path in templates() if path.suffix == ".html" for word in bare(text(path))]
    assert found == []


def test_an_unmarked_word_is_seen():
    marked = '{% translate "you" %} {% blocktranslate %}a <b>b</b>{% endblocktranslate %}'
    assert bare(f'<p title="Hint">Hello {{{{ name }}}} {marked}</p>') == ["Hello", "Hint"]
