"""Every table of the kernel, for Django to find."""

from accord.kernel.fields import CustomField
from accord.kernel.jobs import Job
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact, LedgerInstant, Retraction
from accord.kernel.search import SearchEntry
from accord.kernel.traits import FieldNow, Trait

__all__ = ["CustomField", "Fact", "FieldNow", "Job", "LedgerInstant", "Parked", "Pending", "Retraction", "SearchEntry", "Trait"]
