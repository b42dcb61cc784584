from typing import Any

from django.http import HttpRequest

from accord.rooms.team.models import House


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the house and who is here."""
    return {"house": House.get()} if request.user.is_authenticated else {}
