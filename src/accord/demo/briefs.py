"""What the marketers of the story wrote for their sellers, on one page each."""

from datetime import datetime

from accord.rooms.content.models import Asset
from accord.rooms.team.models import Member

FORMAT = "brief"
# By industry, as the companies of the story have it; empty: of anybody.
BRIEFS = {
    "": (
        "What most customers ask first",
        (
            "Need: a dose that stays right while pressure and medium change, and a pump that is back after a stop.\n"
            "Fear: a line that stands still on a weekend. Ask how long a stop lasted last time, and what it cost.\n"
            "Ask: accuracy at the lowest flow, delivery of wearing parts, who comes when it fails.\n"
            "Send: the sizing table, then the case that lies nearest."
        ),
    ),
    "Drinking water": (
        "Drinking water",
        (
            "Need: chlorine and hypochlorite that do not gas out, proof for the authority.\n"
            "Fear: a value out of bounds that gets into the paper. They buy in a tender: ask when the next one opens.\n"
            "Ask: approvals for drinking water, remote reading.\n"
            "Send: the list of approvals and the case of a works of their size."
        ),
    ),
    "Chemicals": (
        "Chemicals",
        (
            "Need: materials that stand their medium, explosion protection where there are solvents.\n"
            "Fear: a leak. Ask which medium at what temperature before any price.\n"
            "Ask: resistance tables, double diaphragms, spare parts within a day.\n"
            "Send: the resistance table, and a call with an engineer of ours."
        ),
    ),
}


def write(by: Member, at: datetime) -> None:
    for industry, (name, text) in BRIEFS.items():
        values = {"name": name, "format": FORMAT, "brief": text, "language": "en", "owner": by.pk}
        Asset.create(values | ({"industry": industry} if industry else {}), by=by.pk, at=at)
