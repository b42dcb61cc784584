from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "accord.rooms.capture"
    label = "capture"
