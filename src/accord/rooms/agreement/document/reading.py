"""Text → document: everything that an agreement must not say is refused at its place, with what to do about it."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from accord.rooms.agreement.document import checks, mistakes, terms
from accord.rooms.agreement.document.checks import Found, House
from accord.rooms.agreement.document.model import Document
from accord.rooms.agreement.document.parsing import parse
from accord.rooms.agreement.document.problems import Problem, Refused
from accord.rooms.agreement.document.writing import canonical

ANYWHERE = House()


@dataclass(frozen=True)
class Read:
    """A document that can be an agreement: as a value, as the plain data it was written as, and what is doubtful."""

    document: Document
    data: dict[str, Any]
    warnings: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """What is kept and signed."""
        return canonical(self.data)


def read(text: str | bytes, house: House = ANYWHERE) -> Read:
    """Read YAML or JSON as this house reads it. Raises Refused with every problem that was found."""
    data = parse(text)
    if isinstance(data.get("accord"), bool):
        raise Refused([Problem("accord", terms.NO_REVISION)])
    try:
        document = Document.model_validate_json(canonical(data))
    except ValidationError as wrong:
        raise Refused(mistakes.problems(wrong.errors(include_url=False, include_input=False), data)) from None
    found = Found()
    checks.check(document, house, found)
    terms.check(document, found)
    if found.problems:
        raise Refused(found.problems, found.warnings)
    return Read(document, data, tuple(found.warnings))
