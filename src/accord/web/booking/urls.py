from django.urls import path

from accord.web.booking import pages

urlpatterns = [
    path("meet/<str:key>/", pages.meet, name="meet"),
    path("meet/<str:key>/<str:visit>/", pages.visit, name="visit"),
    path("book/<str:token>/", pages.book, name="book"),
    path("book/<str:token>/calling-off/", pages.calling_off, name="book_calling_off"),
    path("book/<str:token>/meeting.ics", pages.invitation, name="book_invitation"),
]
