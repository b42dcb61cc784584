from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "accord.rooms.desk"
    label = "desk"
