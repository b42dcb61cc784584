from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "accord.rooms.trail"
    label = "trail"
