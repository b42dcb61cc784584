from accord.rooms.agreement.models.agreement import Agreement, AgreementQuerySet, RankFixed
from accord.rooms.agreement.models.refusals import (
    AlreadySigned,
    ChangedMeanwhile,
    DraftOpen,
    Frozen,
    NoSigner,
    NotNow,
    OtherText,
    RealHome,
    Shadowed,
)
from accord.rooms.agreement.models.signature import Signature
from accord.rooms.agreement.models.version import Version, VersionQuerySet, is_test_home

__all__ = [
    "Agreement",
    "AgreementQuerySet",
    "AlreadySigned",
    "ChangedMeanwhile",
    "DraftOpen",
    "Frozen",
    "NoSigner",
    "NotNow",
    "OtherText",
    "RankFixed",
    "RealHome",
    "Shadowed",
    "Signature",
    "Version",
    "VersionQuerySet",
    "is_test_home",
]
