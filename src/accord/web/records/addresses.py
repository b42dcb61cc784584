"""Numbers of records as they stand in addresses."""


def number(text: str | None) -> int:
    """The number of a record; 0, which no record has, for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
