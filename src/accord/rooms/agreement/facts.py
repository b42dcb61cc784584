from accord.kernel.facts import fact


@fact
class VersionDrafted:
    """A new version of an agreement was begun."""

    version: int
    agreement: int
    number: int


@fact
class VersionEdited:
    """The text of a draft was changed."""

    version: int
    agreement: int


@fact
class VersionProposed:
    """From here on its text is frozen: both teams see the one that they sign."""

    version: int
    agreement: int
    hash: str


@fact
class VersionSigned:
    """One side signed the text of this hash; with the second signature the version is signed."""

    version: int
    agreement: int
    side: str
    hash: str


@fact
class VersionWithdrawn:
    """It was taken back before both had signed."""

    version: int
    agreement: int


@fact
class VersionCameIntoForce:
    """From now on the version judges the leads in its scope."""

    version: int
    agreement: int


@fact
class VersionSuperseded:
    """Another version judges from then on: the next one of the agreement, or the first that was signed at all."""

    version: int
    agreement: int
    by_version: int


@fact
class AgreementRanked:
    """An agreement that nobody had signed yet was put before or behind others."""

    agreement: int
    rank: int
