"""Why a verb of the agreement refuses, in words for whoever asked."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Says in `str()` why, and what to do."""

    said: str | Promise = ""

    def __init__(self, **told: object) -> None:
        super().__init__(told)
        self.told = told

    def __str__(self) -> str:
        return str(self.said).format(**self.told)


class Frozen(Refusal):
    """Nothing that was proposed is edited by any path."""

    said = _("A version that was proposed is never changed. Begin a draft of the next version.")


class NotNow(Refusal):
    """The version is not where this step starts from."""

    said = _("The version is {status} by now. Look at it again.")


class ChangedMeanwhile(Refusal):
    """Somebody else has changed the draft since it was read."""

    said = _("Somebody else has changed the draft meanwhile. Look at their text and put yours into it.")


class DraftOpen(Refusal):
    """The agreement has a draft, or a proposal, already."""

    said = _("Version {number} of “{name}” is open already. Change it, or withdraw it first.")


class NoSigner(Refusal):
    """Neither a marketing lead nor a sales lead."""

    said = _("A marketing lead signs for marketing and a sales lead for sales. Nobody else signs.")


class AlreadySigned(Refusal):
    """The side has signed; or the person has, for whichever side."""

    said = _("This side has signed, or you have signed for the other. One person never signs for both sides.")


class OtherText(Refusal):
    """What they saw is not what is to be signed."""

    said = _("What you saw is another text than the one that is proposed. Read this one before you sign.")


class Shadowed(Refusal):
    """Ranked below one that takes everything, it would never judge anybody."""

    said = _("“{below}” stands below “{above}”, which takes everything, so it would judge nobody. Move it up first.")


class RealHome(Refusal):
    """Signing as both is for homes of tests."""

    said = _("Only a home made by “accord init --test-home” lets one sign as both. Let each side sign here.")
