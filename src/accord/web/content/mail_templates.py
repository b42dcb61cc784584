"""Mail templates: the list, writing one, and how it reads for somebody."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.rooms.content import filling, rules
from accord.rooms.content.models import MailTemplate
from accord.rooms.people.models import Contact, LostRace
from accord.web.content.forms import MailTemplateForm
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

SAMPLES = 8  # contacts for whom a template can be looked at


@needs("see_content")
@require_GET
def mail_templates(request: MemberRequest) -> HttpResponse:
    rows = MailTemplate.objects.visible_to(request.user).here().select_related("owner")
    return render(request, "content/mail_templates.html", {"rows": rows, "may": request.user.may("edit_template")})


@needs("edit_template")
@require_http_methods(["GET", "POST"])
def mail_template_new(request: MemberRequest) -> HttpResponse:
    form = MailTemplateForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _form(request, form, _("New mail template"))
    made = MailTemplate.write(form.said, by=request.user, at=request.now)
    return redirect("mail_template", made.pk)


@needs("see_content")
@require_GET
def mail_template(request: MemberRequest, pk: int) -> HttpResponse:
    """How it reads for one of the contacts that came last, with what is not known of them."""
    template = _template(request, pk)
    seen = Contact.objects.visible_to(request.user).here().select_related("company", "owner").order_by("-pk")
    samples = list(seen[:SAMPLES])
    asked = number(request.GET.get("contact"))
    sample = visible_or_404(seen, asked) if asked else next(iter(samples), None)
    values = filling.values_of(sample, request.user) if sample else {}
    subject, text = (rules.fill(words, values) for words in (template.subject, template.text))
    known = filling.known()
    names = dict.fromkeys((*subject.missing, *text.missing))
    context = {
        "template": template, "samples": samples, "sample": sample, "subject": subject.text, "text": text.text,
        "missing": [known.get(name, name) for name in names] if sample else [],
        "may": request.user.may("edit_template"),
    }  # fmt: skip
    return render(request, "content/mail_template.html", context)


@needs("edit_template")
@require_http_methods(["GET", "POST"])
def mail_template_edit(request: MemberRequest, pk: int) -> HttpResponse:
    template = visible_or_404(MailTemplate.objects.visible_to(request.user).here(), pk)
    form = MailTemplateForm(request.POST if request.method == "POST" else None, record=template)
    if form.is_bound and form.is_valid():
        try:
            template.edit(form.said, seen=form.cleaned_data["seen"] or 0, by=request.user, at=request.now)
        except LostRace:
            return _raced(request, pk)
        return redirect("mail_template", pk)
    return _form(request, form, _("Edit mail template"), template=template)


@needs("edit_template")
@require_POST
def mail_template_trashing(request: MemberRequest, pk: int) -> HttpResponse:
    _template(request, pk).trash(by=request.user, at=request.now)
    return redirect("mail_template", pk)


@needs("edit_template")
@require_POST
def mail_template_restoring(request: MemberRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    template.restore(by=request.user, at=request.now)
    messages.success(request, _("“%(name)s” is offered again.") % {"name": template})
    return redirect("mail_template", pk)


def _template(request: MemberRequest, pk: int) -> MailTemplate:
    """Also one in the trash: its page says so."""
    return visible_or_404(MailTemplate.objects.visible_to(request.user).select_related("owner"), pk)


def _raced(request: MemberRequest, pk: int) -> HttpResponse:
    """What was typed is kept: saved once more it replaces what the other has written."""
    now = visible_or_404(MailTemplate.objects.visible_to(request.user), pk)
    typed = request.POST.copy()
    typed["seen"] = str(now.version)
    form = MailTemplateForm(typed, record=now)
    form.add_error(None, _("Somebody else has changed it meanwhile. Look at theirs, or save yours over it."))
    return _form(request, form, _("Edit mail template"), template=now, status=409)


def _form(request: MemberRequest, form: MailTemplateForm, title: str, *, status: int = 0, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "fields": filling.known().items(), **more}
    return render(request, "content/mail_template_form.html", context, status=status or (422 if form.errors else 200))
