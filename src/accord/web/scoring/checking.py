"""Checks of a contact, logged from its page or from the desk."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import Speaker
from accord.rooms.funnel.checks import PASSED, check
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.whys import judge_of
from accord.rooms.people.models import Contact
from accord.web.records import frame
from accord.web.scoring.forms import CheckForm
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.settling import settle


@needs("log_check")
@require_http_methods(["GET", "POST"])
def contact_checks(request: MemberRequest, pk: int) -> HttpResponse:
    """Log a check. What it sets off is done at once, so that a lead that waited for it is qualified when it is seen."""
    contacts = Contact.objects.visible_to(request.user).here().select_related("company", "owner")
    contact, posted = visible_or_404(contacts, pk), request.POST if request.method == "POST" else None
    form = CheckForm(posted, questions=questions_of(judge_of([pk], request.now).get(pk)))
    if posted is None or not form.is_valid():
        return _asked(request, contact, form)
    result, note = form.cleaned_data["result"], form.cleaned_data["note"]
    check(contact, result=result, answers=form.answers, note=note, by=request.user, at=request.now)
    settle()
    messages.success(request, _("The check is logged as passed.") if result == PASSED else _("The check is logged."))
    return redirect(_back(request, contact))


def _asked(request: MemberRequest, contact: Contact, form: CheckForm) -> HttpResponse:
    """The form on a page of its own, which the desk takes in between; on the page of the contact it is a panel."""
    if form.is_bound and not _from_desk(request):
        return frame.page(request, "contact", contact, status=422, check_form=form)
    context = {"contact": contact, "form": form, "back": _back(request, contact), "desk": _from_desk(request)}
    return render(request, "scoring/check_page.html", context, status=422 if form.is_bound else 200)


def _from_desk(request: MemberRequest) -> bool:
    return (request.POST.get("back") or request.GET.get("back")) == "desk" and request.user.may("see_desk")


def _back(request: MemberRequest, contact: Contact) -> str:
    """To the open passage: on the desk, where the check was begun there."""
    lead = Lead.objects.visible_to(request.user).open().filter(contact=contact).first()
    if lead is None:
        return reverse("contact", args=[contact.pk])
    return f"{reverse('desk')}?lead={lead.pk}" if _from_desk(request) else reverse("lead", args=[lead.pk])


def questions_of(version: Version | None) -> dict[str, str]:
    """The readiness questions of the agreement that judges a contact, by id."""
    if version is None:
        return {}
    speaker = Speaker(version.document)
    return {one.id: speaker.called(one) for one in version.document.readiness}
