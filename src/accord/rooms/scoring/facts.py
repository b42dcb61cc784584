from accord.kernel.facts import fact


@fact
class ContactsToJudge:
    """Something became known of so many contacts; the judge looks at them."""

    source: str
    count: int


@fact
class RowsToLook:
    """More became known than is looked at in one go."""

    source: str
