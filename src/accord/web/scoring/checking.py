"""Checks of a contact, logged from its page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.rooms.agreement.models import Version
from accord.rooms.funnel.checks import PASSED, check
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.whys import judge_of
from accord.rooms.people.models import Contact
from accord.web.records import frame
from accord.web.scoring.forms import CheckForm
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.settling import settle


@needs("log_check")
@require_POST
def contact_checks(request: MemberRequest, pk: int) -> HttpResponse:
    """Log a check. What it sets off is done at once, so that a lead that waited for it is qualified when it is seen."""
    contacts = Contact.objects.visible_to(request.user).here().select_related("company", "owner")
    contact = visible_or_404(contacts, pk)
    form = CheckForm(request.POST, questions=questions_of(judge_of([pk], request.now).get(pk)))
    if not form.is_valid():
        return frame.page(request, "contact", contact, status=422, check_form=form)
    result, note = form.cleaned_data["result"], form.cleaned_data["note"]
    check(contact, result=result, answers=form.answers, note=note, by=request.user, at=request.now)
    settle()
    messages.success(request, _("The check is logged as passed.") if result == PASSED else _("The check is logged."))
    lead = Lead.objects.visible_to(request.user).open().filter(contact=contact).first()
    return redirect("lead", lead.pk) if lead else redirect("contact", pk)


def questions_of(version: Version | None) -> dict[str, str]:
    """The readiness questions of the agreement that judges a contact, by id."""
    if version is None:
        return {}
    document, language = version.document, get_language() or "en"
    return {one.id: document.label_of(one, language).replace("_", " ") for one in document.readiness}
