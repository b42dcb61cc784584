from django.urls import path

from accord.web.people import companies, contacts, marketing, merges, panels, telling
from accord.web.records import frame, timeline

frame.register(panels.PANELS)
timeline.register(telling.PEOPLE)

urlpatterns = [
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/export/", contacts.contacts_export, name="contacts_export"),
    path("contacts/new/", contacts.contact_new, name="contact_new"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/fields/<str:slug>/", contacts.contact_field, name="contact_field"),
    path("contacts/<int:pk>/notes/", contacts.contact_notes, name="contact_notes"),
    path("contacts/<int:pk>/trashing/", contacts.contact_trashing, name="contact_trashing"),
    path("contacts/<int:pk>/restoring/", contacts.contact_restoring, name="contact_restoring"),
    path("contacts/<int:pk>/merge/", merges.contact_merge, name="contact_merge"),
    path("contacts/<int:pk>/veto/", marketing.contact_veto, name="contact_veto"),
    path("contacts/<int:pk>/veto/lifting/", marketing.veto_lifting, name="veto_lifting"),
    path("contacts/<int:pk>/hold/lifting/", marketing.hold_lifting, name="hold_lifting"),
    path("contacts/<int:pk>/address/release/", marketing.address_release, name="address_release"),
    path("do-not-market/", marketing.do_not_market, name="do_not_market"),
    path("merges/<int:pk>/undoing/", merges.merge_undoing, name="merge_undoing"),
    path("companies/", companies.companies, name="companies"),
    path("companies/export/", companies.companies_export, name="companies_export"),
    path("companies/names/", companies.company_names, name="company_names"),
    path("companies/new/", companies.company_new, name="company_new"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("companies/<int:pk>/edit/", companies.company_edit, name="company_edit"),
    path("companies/<int:pk>/fields/<str:slug>/", companies.company_field, name="company_field"),
    path("companies/<int:pk>/trashing/", companies.company_trashing, name="company_trashing"),
    path("companies/<int:pk>/restoring/", companies.company_restoring, name="company_restoring"),
]
