"""What is wrong in a document: at which place, why, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Steps = tuple[str | int, ...]  # the way to a node


@dataclass(frozen=True)
class Problem:
    """`path` names the node as `scoring.engagement[2].half_life_days`; empty for the whole document."""

    path: str
    message: str | Promise

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else str(self.message)

    def plain(self) -> dict[str, str]:
        return {"path": self.path, "message": str(self.message)}


class Refused(ValueError):
    """The document cannot be an agreement; `problems` say where and why, `warnings` what else is doubtful."""

    def __init__(self, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)


def path_of(steps: Steps) -> str:
    """`("scoring", "fit", 2, "when")` is `scoring.fit[2].when`."""
    said = ""
    for step in steps:
        said += f"[{step}]" if isinstance(step, int) else f".{step}" if said else step
    return said
