from accord.rooms.people.models.company import Company
from accord.rooms.people.models.contact import AlreadyThere, Contact, LostRace
from accord.rooms.people.models.identity import Identity, Link
from accord.rooms.people.models.kept import Kept, Told
from accord.rooms.people.models.merge import CannotMerge, Merge
from accord.rooms.people.models.note import Note

__all__ = [
    "AlreadyThere", "CannotMerge", "Company", "Contact", "Identity", "Kept", "Link", "LostRace", "Merge", "Note",
    "Told",
]  # fmt: skip
