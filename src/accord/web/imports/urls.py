from django.urls import path

from accord.web.imports import uploads, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", uploads.import_new, name="import_new"),
    path("imports/new/<slug:draft>/", uploads.import_draft, name="import_draft"),
    path("imports/new/<slug:draft>/check/", uploads.import_check, name="import_check"),
    path("imports/new/<slug:draft>/map/", uploads.import_draft_map, name="import_draft_map"),
    path("imports/<int:pk>/", views.import_, name="import"),
    path("imports/<int:pk>/rejects/", views.import_rejects, name="import_rejects"),
    path("imports/<int:pk>/cancelling/", views.import_cancelling, name="import_cancelling"),
    path("imports/<int:pk>/continuing/", views.import_continuing, name="import_continuing"),
    path("imports/<int:pk>/reverting/", views.import_reverting, name="import_reverting"),
]
