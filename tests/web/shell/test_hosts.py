"""By which names a house may be called, as whoever runs it writes them down."""

import pytest

SAID = """
from django.conf import settings
print(*settings.ALLOWED_HOSTS, *settings.CSRF_TRUSTED_ORIGINS, settings.HOUSE_URL)
"""


@pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)
def test_a_list_may_have_spaces_behind_its_commas(scratch):
    scratch.environment["ACCORD_HOSTS"] = "one.example, two.example,"
    scratch.environment["ACCORD_ORIGINS"] = " https://one.example, https://two.example"
    hosts = ["one.example", "two.example"]
    origins = ["https://one.example", "https://two.example"]
    assert scratch.python(SAID).split() == [*hosts, *origins, origins[0]]
