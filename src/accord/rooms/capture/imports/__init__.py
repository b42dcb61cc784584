from accord.kernel.imports.kinds import Kind
from accord.rooms.capture.imports import touches, verdicts

KINDS: list[Kind] = [touches.KIND, verdicts.KIND]
