from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "accord.rooms.insight"
    label = "insight"
