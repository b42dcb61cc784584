from accord.kernel.imports.kinds import Kind, Undo
from accord.rooms.funnel.imports import deals, leads, transitions, undoing

KINDS: list[Kind] = [leads.KIND, transitions.KIND, deals.KIND]
UNDOINGS: list[Undo] = [undoing.LEADS, undoing.DEALS]
