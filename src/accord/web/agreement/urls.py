from django.urls import path

from accord.web.agreement import deciding, drafting, effects, pages

urlpatterns = [
    path("agreement/", pages.agreement, name="agreement"),
    path("agreement/new/", drafting.begin, name="agreement_new"),
    path("agreement/<int:pk>/rank/", deciding.rank, name="agreement_rank"),
    path("agreement/versions/<int:pk>/", pages.version, name="agreement_version"),
    path("agreement/versions/<int:pk>/effect/", effects.effect, name="agreement_effect"),
    path("agreement/versions/<int:pk>/file/", pages.file, name="agreement_file"),
    path("agreement/versions/<int:pk>/drafts/", drafting.draft_from, name="agreement_draft"),
    path("agreement/versions/<int:pk>/edit/", drafting.edit, name="agreement_edit"),
    path("agreement/versions/<int:pk>/proposal/", deciding.proposal, name="agreement_proposal"),
    path("agreement/versions/<int:pk>/signature/", deciding.signature, name="agreement_signature"),
    path("agreement/versions/<int:pk>/withdrawal/", deciding.withdrawal, name="agreement_withdrawal"),
]
