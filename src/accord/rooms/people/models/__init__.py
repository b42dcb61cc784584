from accord.rooms.people.models.company import Company
from accord.rooms.people.models.contact import AlreadyThere, Contact
from accord.rooms.people.models.hold import Hold
from accord.rooms.people.models.identity import Identity, Link
from accord.rooms.people.models.kept import Kept, Told
from accord.rooms.people.models.merge import CannotMerge, Merge
from accord.rooms.people.models.note import Note
from accord.rooms.people.models.races import LostRace
from accord.rooms.people.models.suppression import Suppression
from accord.rooms.people.models.veto import AlreadyLifted, AlreadyVetoed, Veto

__all__ = [
    "AlreadyLifted", "AlreadyThere", "AlreadyVetoed", "CannotMerge", "Company", "Contact", "Hold", "Identity", "Kept",
    "Link", "LostRace", "Merge", "Note", "Suppression", "Told", "Veto",
]  # fmt: skip
