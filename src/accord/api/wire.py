"""JSON in and out, and the types of what comes in."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Path, Schema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ConfigDict, Field

LARGEST = 2**63 - 1
LONGEST = 10_000
NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, Field(max_length=LONGEST, pattern=NO_NUL)]
Word = Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]
Reason = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST, strict=True)]
Id = Annotated[int, Field(ge=1, le=LARGEST, strict=True)]
AskedId = Annotated[int, Field(ge=1, le=LARGEST)]  # in an address, where everything is text
Real = Annotated[float, Field(gt=-(2.0**63), lt=2.0**63, strict=True, allow_inf_nan=False)]
Given = Annotated[bool, Field(strict=True)] | Whole | Real | Text | None
Fields = dict[Annotated[str, Field(max_length=60, pattern=NO_NUL)], Given]
RecordId = Annotated[int, Path(ge=1, le=LARGEST)]


class Body(Schema):
    """What is sent: nothing that is not named here."""

    model_config = ConfigDict(extra="forbid")


class JsonParser(Parser):
    """Refuses what Python's own would let pass: NaN, lone surrogates, what nests without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        return msgspec.json.decode(request.body)


class JsonRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)
