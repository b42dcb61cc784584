from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "accord.rooms.notices"
    label = "notices"
