from django.urls import path

from accord.web.shell import operations, views

urlpatterns = [
    path("", views.home, name="home"),
    path("more/", views.more, name="more"),
    path("search/", views.search, name="search"),
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
    path("operations/", operations.show, name="operations"),
    path("operations/parked/<int:pk>/again/", operations.send_again, name="send_again"),
    path("operations/jobs/<int:pk>/cancel/", operations.cancel_job, name="cancel_job"),
]
