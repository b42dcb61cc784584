"""Conditions of an agreement: what is asked of a contact, its company and their touches. Frozen values."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

Scalar = bool | int | float | str
Word = Annotated[str, Field(min_length=1)]
OPERATORS = ("is", "in", "contains", "starts_with", "at_least", "at_most", "known")


class Node(BaseModel):
    """A part of the document: nothing in it can be changed, and nothing unknown may stand in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)


class Compared(Node):
    """Something compared with exactly one operator."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [operator]} for operator in OPERATORS]})

    is_: Scalar | None = Field(None, alias="is")
    in_: Annotated[tuple[Scalar, ...], Field(min_length=1)] | None = Field(None, alias="in")
    contains: Scalar | None = None
    starts_with: Scalar | None = None
    at_least: Scalar | None = None
    at_most: Scalar | None = None
    known: bool | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> "Compared":
        if len(self.given()) != 1:
            raise ValueError("one_operator")
        return self

    def given(self) -> dict[str, Any]:
        values = {name: getattr(self, f"{name}_" if name in ("is", "in") else name) for name in OPERATORS}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def operator(self) -> str:
        return next(iter(self.given()))

    @property
    def value(self) -> Any:
        return self.given()[self.operator]


class OfProperty(Compared):
    property: Word


class OfAsset(Compared):
    asset: Word


class OfCampaign(Compared):
    campaign: Word


def key_among(*keys: str) -> Discriminator:
    """Tells alternatives apart by the one key that only they have. Tags are in angle brackets: no key of a document."""

    def which(given: Any) -> str | None:
        named = given if isinstance(given, Mapping) else _named(given)
        return next((f"<{key}>" for key in keys if key in named), None)

    return Discriminator(which)


def _named(given: Any) -> set[str]:
    fields = type(given).model_fields if isinstance(given, BaseModel) else {}
    return {field.alias or name for name, field in fields.items()}


Where = Annotated[
    Annotated[OfProperty, Tag("<property>")]
    | Annotated[OfAsset, Tag("<asset>")]
    | Annotated[OfCampaign, Tag("<campaign>")],
    key_among("property", "asset", "campaign"),
]


class Touches(Node):
    """A pattern of touches: one of these kinds, and all that `where` says."""

    touch: Word | Annotated[tuple[Word, ...], Field(min_length=1)]
    where: tuple[Where, ...] = ()
    of: Literal["company"] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.touch,) if isinstance(self.touch, str) else self.touch


class All(Node):
    all: tuple["Condition", ...]


class AnyOf(Node):
    any: tuple["Condition", ...]


class Not(Node):
    not_: "Condition" = Field(alias="not")


class InSegment(Node):
    segment: Word


class Ready(Node):
    readiness: Word


class OfField(Compared):
    """`field` is contact.x or company.x."""

    field: Annotated[str, Field(pattern=r"^(contact|company)\.\S+$")]

    @property
    def kind(self) -> str:
        return self.field.partition(".")[0]

    @property
    def slug(self) -> str:
        return self.field.partition(".")[2]


class Score(Node):
    score: Literal["fit", "engagement", "total"]
    at_least: float


class Count(Node):
    count: Touches
    at_least: Annotated[int, Field(ge=1)]
    within_days: Annotated[float, Field(gt=0)] | None = None
    distinct: Word | None = None  # day, asset or a property


class Verified(Node):
    verified: Word

    @property
    def count(self) -> Count:
        """What it is short for."""
        passed = [{"property": "by", "is": self.verified}, {"property": "result", "is": "passed"}]
        where = tuple(OfProperty.model_validate(one) for one in passed)
        return Count(count=Touches(touch="verified", where=where), at_least=1)


Condition = Annotated[
    Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")]
    | Annotated[InSegment, Tag("<segment>")]
    | Annotated[Ready, Tag("<readiness>")]
    | Annotated[OfField, Tag("<field>")]
    | Annotated[Score, Tag("<score>")]
    | Annotated[Count, Tag("<count>")]
    | Annotated[Verified, Tag("<verified>")],
    key_among("all", "any", "not", "segment", "readiness", "field", "score", "count", "verified"),
]
for node in (All, AnyOf, Not):
    node.model_rebuild()

EVERYBODY = All(all=())
PASSED = Touches(touch="verified", where=(OfProperty.model_validate({"property": "result", "is": "passed"}),))
