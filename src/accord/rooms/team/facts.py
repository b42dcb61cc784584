from accord.kernel.facts import fact


@fact
class MemberJoined:
    member: int


@fact
class MemberRenamed:
    member: int


@fact
class MemberEmailChanged:
    """What somebody signs in with is another address from now on."""

    member: int


@fact
class MemberLeft:
    member: int


@fact
class MemberCameBack:
    member: int


@fact
class AbsencePlanned:
    absence: int
    member: int


@fact
class AbsenceCalledOff:
    absence: int
    member: int


@fact
class TeamFormed:
    team: int


@fact
class TeamRenamed:
    team: int


@fact
class DaySet:
    """The house said of a day (ISO 8601) that it is worked or not, whatever its country says."""

    house: int
    day: str
    works: bool


@fact
class DayUnset:
    """What the house had said of a day is said no longer."""

    house: int
    day: str


@fact
class FieldDefined:
    """The house added a field to a kind of record."""

    house: int
    of: str
    field: str


@fact
class FieldDescribed:
    """Label, definition, owner or the mark for personal data of one of the house's own fields was changed."""

    house: int
    of: str
    field: str


@fact
class KeyMade:
    key: int
    scope: str
    role: str


@fact
class KeyRevoked:
    key: int


@fact
class FeedMade:
    """A member's calendar may fetch what they have to do."""

    feed: int
    member: int


@fact
class FeedRevoked:
    feed: int
    member: int
