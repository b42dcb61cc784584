from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from accord.rooms.team.models import House

THEMES = ("light", "dark", "system")
THEME_COOKIE = "theme"


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the house, who is here, the theme and the languages."""
    known = {"theme": theme(request), "languages": settings.LANGUAGES, "LANGUAGE_CODE": get_language()}
    return known | ({"house": getattr(request, "house", None) or House.get()} if request.user.is_authenticated else {})


def theme(request: HttpRequest) -> str:
    """The member's choice, else what this browser last had, else whatever the system says."""
    chosen = getattr(request.user, "theme", "") or request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"
