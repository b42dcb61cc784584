"""The description of the interface: kept in the repository, and true."""

import json
import subprocess

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings

from accord.api.urls import api as described
from accord.rooms.team.models import ApiKey
from scripts import openapi_doc

pytestmark = pytest.mark.django_db


def test_the_kept_description_is_fresh():
    assert openapi_doc.PAGE.read_text(encoding="utf-8") == openapi_doc.page()


def test_it_is_served_without_a_key(client):
    answered = client.get("/api/openapi.json")
    assert answered.status_code == 200
    assert json.loads(answered.content) == json.loads(openapi_doc.page())
