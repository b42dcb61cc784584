from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accord.rooms.team.models import Member


class InvitedOnly(DefaultAccountAdapter):
    """People join by invitation: nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Member) -> None:
        """The pages speak the member's language from here on, whatever the browser's is."""
        super().login(request, user)
        if user.language:
            request.session["language"] = user.language
