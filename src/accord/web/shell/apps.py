from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "accord.web.shell"
    label = "shell"
