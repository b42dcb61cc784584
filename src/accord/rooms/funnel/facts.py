from accord.kernel.facts import fact


@fact
class LeadOpened:
    """By hand, by a file, or because a version said so."""

    lead: int
    contact: int
    entry: str
    version: int | None = None


@fact
class LeadMoved:
    lead: int
    contact: int
    move: str
    stage: str


@fact
class LeadQualified:
    """By the rule of the version, at the instant at which it held."""

    lead: int
    contact: int
    version: int
    at: str


@fact
class QualificationDoubted:
    """It would not have happened by what is known now; the reason says what that is."""

    lead: int
    contact: int
    reason: str


@fact
class DoubtLifted:
    """What made a qualification doubtful does not hold any longer: it stands."""

    lead: int
    contact: int


@fact
class LeadAssigned:
    lead: int
    contact: int
    owner: int | None


@fact
class LeadJoined:
    """The passage ended because another one goes on: of the same company's deal, or of the contact merged into."""

    lead: int
    contact: int
    to_lead: int | None
    deal: int | None = None


@fact
class LeadReopened:
    lead: int
    contact: int


@fact
class LeadTrashed:
    lead: int
    contact: int


@fact
class LeadRestored:
    lead: int
    contact: int


@fact
class DealOpened:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealWon:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealLost:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealReopened:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealTrashed:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealRestored:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None


@fact
class DealMoved:
    """To another stage of the pipeline; of the one before, the field's history tells."""

    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    stage: str


@fact
class DealAssigned:
    """To another owner; `before`: who had it."""

    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    before: int | None
    owner: int | None


@fact
class DealContactAdded:
    """The contact has a role in the deal from then on."""

    deal: int
    contact: int
    lead: int | None
    link: int
    role: str


@fact
class DealContactRemoved:
    deal: int
    contact: int
    lead: int | None
    link: int
    role: str


@fact
class DealProductAdded:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    link: int
    product: int


@fact
class DealProductRemoved:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    link: int
    product: int


@fact
class DealCompetitorAdded:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    link: int
    competitor: int


@fact
class DealCompetitorRemoved:
    deal: int
    contact: int | None
    company: int | None
    lead: int | None
    link: int
    competitor: int


@fact
class PipelineStageAdded:
    stage: int


@fact
class PipelineStageRenamed:
    stage: int


@fact
class PipelineStageRetired:
    stage: int


@fact
class PipelineArranged:
    house: int
