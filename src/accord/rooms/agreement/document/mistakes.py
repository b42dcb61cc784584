"""What pydantic finds wrong in the form of a document, in our words and at the paths of the document."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.rooms.agreement.document.problems import Problem, Steps, path_of

SCALAR = _("Write a text, a number, true or false.")
LABEL = _("Write a text, or a map of texts by language.")
KIND = _("Write the kind of a touch, or a list of kinds.")
ENTER = _("Write “qualified”, or a condition.")
OPERATOR = _("Compare with exactly one of is, in, contains, starts_with, at_least, at_most and known.")
FIELD = _(
    "Only fields of contacts and companies can be asked: contact.x or company.x. What marketing cannot know by itself "
    "is asked by a check: verified: inside_sales."
)
DAY = _("Write a day as 2026-01-31.")

# What may stand at a key that takes one thing or another.
EITHER = {
    **dict.fromkeys(("is", "contains", "starts_with", "at_least", "at_most", "in"), SCALAR),
    "label": LABEL,
    "task": LABEL,
    "touch": KIND,
    "enter": ENTER,
}
WHOLE = frozenset(EITHER) - {"enter", "at_least"}
ALTERNATIVES = {
    "where": _("Write one of property, asset and campaign, with one operator."),
    "to": _("Write an owner, or a team."),
}
CONDITION = _(
    "This is no condition. Write one of all, any, not, segment, readiness, field, score, count and verified, each with "
    "what belongs to it."
)
PATTERNS = {"field": FIELD, "effective": DAY, "review_by": DAY}
SAYS: dict[str, str | Promise] = {
    "missing": _("This is needed and is not here. Add it."),
    "extra_forbidden": _("Nothing of this name belongs here. Correct the name, or take it out."),
    "string_type": _("Write a text; what looks like a number stands in quotes."),
    "string_too_short": _("This is empty. Write a word."),
    "string_too_long": _("This is longer than 200 characters. Write a shorter one."),
    "int_type": _("Write a whole number."),
    "float_type": _("Write a number."),
    "bool_type": _("Write true or false."),
    "tuple_type": _("Write a list: [one, another]."),
    "dict_type": _("Write a map: {name: value}."),
    "model_type": _("Write a map: {name: value}."),
    "too_short": _("This is empty. Write at least one."),
    "value_error": OPERATOR,
}
BOUNDS: dict[str, tuple[str, str | Promise]] = {
    "greater_than_equal": ("ge", _("Write {bound} or more.")),
    "greater_than": ("gt", _("Write more than {bound}.")),
    "less_than_equal": ("le", _("Write {bound} or less.")),
}
ONE_OF = _("Write one of {words}.")
OTHERWISE = _("This does not belong here. See the reference of the format.")


def problems(errors: Sequence[Mapping[str, Any]], data: Any) -> list[Problem]:
    """One problem a place, in the order in which they stand."""
    found: dict[Steps, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(_whole(_steps(error["loc"], data, error["type"])), []).append(error)
    told = [steps for steps in found if not _says_less(steps, found)]
    return [Problem(path_of(steps), _say(steps, found[steps])) for steps in told]


def _whole(steps: Steps) -> Steps:
    """What may be one thing or another is named as a whole: a label, a kind of touch, a value."""
    return next((steps[: place + 1] for place, step in enumerate(steps) if step in WHOLE), steps)


def _says_less(steps: Steps, found: Mapping[Steps, object]) -> bool:
    """Of `enter` it is known that it is no word where something in it is wrong."""
    deeper = (other for other in found if len(other) > len(steps) and other[: len(steps)] == steps)
    return steps[-1:] == ("enter",) and any(deeper)


def _steps(loc: Sequence[str | int], data: Any, kind: str) -> Steps:
    """The way through the document itself: without the names of alternatives, which pydantic puts between."""
    steps: list[str | int] = []
    here = data
    for place, step in enumerate(loc):
        if isinstance(step, str) and step.startswith("<"):
            continue
        last = place == len(loc) - 1
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            here = here[step]  # type: ignore[index]
            steps.append(step)
        elif last and kind == "missing":
            steps.append(step)
    return tuple(steps)


def _say(steps: Steps, errors: Sequence[Mapping[str, Any]]) -> str | Promise:
    key = next((step for step in reversed(steps) if isinstance(step, str)), "")
    first = errors[0]
    if len(errors) > 1 and key in EITHER:
        return EITHER[key]
    kind, given = first["type"], first.get("ctx", {})
    if kind == "union_tag_not_found":
        return ALTERNATIVES.get(key, CONDITION)
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(key, OTHERWISE)
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", given["expected"]) or [given["expected"]]
        return format_lazy(ONE_OF, words=", ".join(words))
    if kind in BOUNDS:
        name, said = BOUNDS[kind]
        return format_lazy(said, bound=f"{given[name]:g}")  # type: ignore[arg-type]
    return SAYS.get(kind, OTHERWISE)
