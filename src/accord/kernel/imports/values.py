from datetime import UTC, datetime


def parse_when(text, zone=UTC, formats=None):
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def parse_number(text):
    return float(text)


def parse_bool(text):
    return text == "true"
