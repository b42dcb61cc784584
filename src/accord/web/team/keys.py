from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.rooms.team.models import ApiKey
from accord.web.shell.gate import MemberRequest, needs
from accord.web.team.forms import KeyForm
from accord.web.team.frame import page, secret_page


@needs("manage_keys")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: MemberRequest) -> HttpResponse:
    """Keys for other systems; the secret of a new one is in this one answer and nowhere else."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    known = ApiKey.objects.filter(revoked_at=None).select_related("made_by")
    if not form.is_valid():
        return page(request, "keys", "keys", form=form, keys=known)
    key, secret = ApiKey.make(**form.cleaned_data, by=request.user, at=request.now)
    return secret_page(request, "keys", "keys", form=KeyForm(), keys=known, made=key, secret=secret)


@needs("manage_keys")
@require_POST
def revocation(request: MemberRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    key.revoke(by=request.user.pk, at=request.now)
    messages.success(request, _("The key “%(name)s” opens nothing any longer.") % {"name": key})
    return redirect("keys")
