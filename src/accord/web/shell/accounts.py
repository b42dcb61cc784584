from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accord.rooms.team.models import Member


class InvitedOnly(DefaultAccountAdapter):
    """People join by invitation: nobody signs up by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Member) -> None:
        """The pages speak the member's language from here on, whatever the browser's is."""
        super().login(request, user)
        if user.language:
            request.session["language"] = user.language
