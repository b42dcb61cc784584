from accord.kernel.imports.kinds import Kind, Undo
from accord.rooms.people.imports import companies, contacts, links, traits, undoing

KINDS: list[Kind] = [contacts.KIND, companies.KIND, traits.KIND, links.KIND]
UNDOINGS: list[Undo] = [undoing.COMPANIES, undoing.CONTACTS]
