"""The time zones that somebody can choose from."""

import zoneinfo


def zones() -> list[tuple[str, str]]:
    """Every zone that is known by name; `localtime` and `Factory` are none."""
    known = zoneinfo.available_timezones() - {"UTC", "localtime", "Factory"}
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(known))]
