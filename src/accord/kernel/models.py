"""Every table of the kernel, for Django to find."""

from accord.kernel.fields import CustomField
from accord.kernel.imports.models import FlaggedRow, Import, ImportedRecord, ImportKey, RejectedRow
from accord.kernel.jobs import Job
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact, LedgerInstant, Retraction
from accord.kernel.mail.models import Mail
from accord.kernel.search import SearchEntry
from accord.kernel.traits import FieldNow, Trait
from accord.kernel.warehouse.models import MirrorLease

__all__ = [
    "CustomField", "Fact", "FieldNow", "FlaggedRow", "Import", "ImportKey", "ImportedRecord", "Job", "LedgerInstant",
    "Mail", "MirrorLease", "Parked", "Pending", "RejectedRow", "Retraction", "SearchEntry", "Trait",
]  # fmt: skip
