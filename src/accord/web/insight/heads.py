"""What the columns of a report's figures are called in a spreadsheet; for programs they keep their names."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

HEADS: Mapping[str, str | Promise] = {
    "accepted": gettext_lazy("Accepted"),
    "accepted_moved": gettext_lazy("Accepted, then moved on"),
    "accepted_rate": gettext_lazy("Accepted, share"),
    "accepted_watched": gettext_lazy("Accepted, watched long enough"),
    "accepted_young": gettext_lazy("Accepted, still too young"),
    "after": gettext_lazy("After"),
    "aim": gettext_lazy("Promised share"),
    "alarm": gettext_lazy("Alarm"),
    "at_least": gettext_lazy("Promised at least"),
    "back": gettext_lazy("Accepted, returned later"),
    "before": gettext_lazy("Before"),
    "begun": gettext_lazy("Began"),
    "begun_before": gettext_lazy("Began, the time before"),
    "broken": gettext_lazy("Broken"),
    "business": gettext_lazy("In working time"),
    "came_a_day": gettext_lazy("Came in a day"),
    "came_in": gettext_lazy("In"),
    "clocks": gettext_lazy("Clocks"),
    "cohort": gettext_lazy("Cohort"),
    "count": pgettext_lazy("so many", "Count"),
    "currency": gettext_lazy("Currency"),
    "day": gettext_lazy("Day"),
    "days": gettext_lazy("Days"),
    "deals": gettext_lazy("Deals won"),
    "declined": gettext_lazy("Declined"),
    "declined_moved": gettext_lazy("Declined, then moved on"),
    "declined_rate": gettext_lazy("Declined, share that moved on"),
    "declined_watched": gettext_lazy("Declined, watched long enough"),
    "declined_young": gettext_lazy("Declined, still too young"),
    "deviation": gettext_lazy("Deviation"),
    "difference": gettext_lazy("Difference"),
    "done": gettext_lazy("Got there"),
    "due": gettext_lazy("Due"),
    "ended": gettext_lazy("Came to an end"),
    "entered": gettext_lazy("Reached it"),
    "excused": gettext_lazy("Excused, counted as broken"),
    "expected": gettext_lazy("Expected in the end"),
    "extrapolated": gettext_lazy("Share not seen yet"),
    "figure": gettext_lazy("Figure"),
    "forward": gettext_lazy("From a stage before"),
    "gone": gettext_lazy("Left"),
    "group": gettext_lazy("Group"),
    "in_the_end": gettext_lazy("Won in the end"),
    "joined": gettext_lazy("Joined"),
    "kept": gettext_lazy("Kept"),
    "kind": gettext_lazy("Kind"),
    "late": gettext_lazy("Past its time"),
    "leads": gettext_lazy("Leads"),
    "longer": gettext_lazy("Days longer than before"),
    "lost": gettext_lazy("Lost"),
    "mean_days": gettext_lazy("Mean days"),
    "median": gettext_lazy("Median"),
    "median_before": gettext_lazy("Median, the time before"),
    "median_days": gettext_lazy("Median days"),
    "mode": gettext_lazy("Mode"),
    "now": gettext_lazy("Here now"),
    "observed": gettext_lazy("Share that is as old"),
    "of": pgettext_lazy("so many", "Of"),
    "offered": gettext_lazy("Offered to sales"),
    "on": gettext_lazy("Went on"),
    "open": gettext_lazy("Open"),
    "outcome": gettext_lazy("Outcome"),
    "p75": gettext_lazy("Three quarters within"),
    "p75_days": gettext_lazy("Three quarters within, days"),
    "p90": gettext_lazy("Nine in ten within"),
    "placed": gettext_lazy("Placed"),
    "promise": gettext_lazy("Promise"),
    "proposed": gettext_lazy("Proposed"),
    "quarter": gettext_lazy("A quarter within"),
    "rate": gettext_lazy("Share"),
    "reason": gettext_lazy("Reason"),
    "reason_1": gettext_lazy("First reason of returns"),
    "reason_2": gettext_lazy("Second reason of returns"),
    "reason_3": gettext_lazy("Third reason of returns"),
    "returned": gettext_lazy("Returned"),
    "returned_1": gettext_lazy("Returned for the first reason"),
    "returned_2": gettext_lazy("Returned for the second reason"),
    "returned_3": gettext_lazy("Returned for the third reason"),
    "running": gettext_lazy("Still there"),
    "share_rate": gettext_lazy("Share that gets there"),
    "side": gettext_lazy("Side"),
    "skipped": gettext_lazy("Skipped"),
    "so_far": gettext_lazy("So far"),
    "source": gettext_lazy("Source"),
    "stage": gettext_lazy("Stage"),
    "stalled": gettext_lazy("Stalled"),
    "stays": gettext_lazy("Stays"),
    "sum": gettext_lazy("Sum"),
    "there": gettext_lazy("There now"),
    "too_early": gettext_lazy("Fewer than 30"),
    "trend": gettext_lazy("Trend"),
    "trend_of": gettext_lazy("Trend, of so many"),
    "void": gettext_lazy("Nothing to measure"),
    "waiting": gettext_lazy("May still come"),
    "week": gettext_lazy("Week of"),
    "went": gettext_lazy("Went"),
    "went_out": gettext_lazy("Out"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "won": gettext_lazy("Won"),
    "won_share": gettext_lazy("Won by that age, share"),
}
EARNED = "earned_"
# Whose limits have a shorter name than their figure.
STEMS = {"": "rate", "accepted": "accepted_rate", "declined": "declined_rate", "share": "share_rate"}
LIMITS = {"low": gettext_lazy("%(figure)s, lower limit"), "high": gettext_lazy("%(figure)s, upper limit")}
SHARES = frozenset({"accepted_rate", "declined_rate", "rate", "share_rate", "won_share"}) | {
    "aim", "deviation", "extrapolated", "observed", "trend",
}  # fmt: skip


def head(name: str) -> str:
    if name.startswith(EARNED):
        return _("Won amount in %(currency)s") % {"currency": name.removeprefix(EARNED)}
    figure, limit = stem(name)
    called = str(HEADS.get(figure, figure))
    return str(LIMITS[limit]) % {"figure": called} if limit else called


def is_share(name: str) -> bool:
    return stem(name)[0] in SHARES


def stem(name: str) -> tuple[str, str]:
    """The figure that a column is of, and which limit of it; won_share_low is the lower one of won_share."""
    figure, _sep, limit = name.rpartition("_")
    if limit not in LIMITS:
        return name, ""
    return STEMS.get(figure, figure), limit
