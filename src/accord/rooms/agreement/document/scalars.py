"""Scalars of YAML 1.2's core schema, as its chapter 10.3 defines them. Everything else is a string."""

import re

NULL = re.compile(r"null|Null|NULL|~|")
BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
INT = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEX = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Scalar = None | bool | int | float | str
LONGEST_NUMBER = 400  # characters; Python itself refuses to read very long ones


class NoNumber(ValueError):
    """Infinite, not a number, or larger than any computer of ours computes with."""


def scalar(text: str) -> Scalar:
    """What a plain scalar means. Raises NoNumber."""
    if NULL.fullmatch(text):
        return None
    if BOOL.fullmatch(text):
        return text[0] in "tT"
    if ENDLESS.fullmatch(text):
        raise NoNumber(text)
    return number(text) if INT.fullmatch(text) or FLOAT.fullmatch(text) else _based(text)


def number(text: str) -> int | float:
    """Of a text that has the form of a number. Raises NoNumber."""
    if len(text) > LONGEST_NUMBER:
        raise NoNumber(text[:20])
    return finite(int(text) if INT.fullmatch(text) else float(text))


def finite(value: int | float) -> int | float:
    """The value itself, where 64 bits hold it. Raises NoNumber."""
    within = -(2**63) <= value < 2**63 if isinstance(value, int) else abs(value) < float("inf")
    if not within:
        raise NoNumber(str(value)[:20])
    return value


def _based(text: str) -> int | float | str:
    for form, base in ((OCTAL, 8), (HEX, 16)):
        if form.fullmatch(text):
            return finite(int(text[2:], base)) if len(text) <= LONGEST_NUMBER else number(text)
    return text


def is_plain_string(text: str) -> bool:
    """Whether the text, written without quotes, would be read as a string."""
    try:
        return isinstance(scalar(text), str)
    except NoNumber:
        return False
