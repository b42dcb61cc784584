from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "accord.rooms.scoring"
    label = "scoring"
