from django.utils.translation import gettext_lazy as _

STATUS_NAMES = {
    "draft": _("a draft"),
    "proposed": _("proposed"),
    "signed": _("signed"),
    "in_force": _("in force"),
    "superseded": _("superseded"),
    "withdrawn": _("withdrawn"),
}
