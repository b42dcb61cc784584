"""The log can be read by machines, and says nothing about anybody."""

import json
import logging
import sys

from django.urls import reverse

from accord.kernel.logs import Lines


def line(message: str, *values: object, error: bool = False) -> dict[str, str]:
    record = logging.LogRecord("accord.kernel.journal", logging.ERROR, __file__, 1, message, values, None)
    if error:
        record.exc_info = sys.exc_info()
    written = Lines().format(record)
    assert "\n" not in written
    return json.loads(written)


def test_a_line_says_when_how_grave_and_what():
    said = line("parked fact %s for %s", 7, "funnel.join")
    assert (said["level"], said["logger"], said["message"]) == (
        "error", "accord.kernel.journal", "parked fact 7 for funnel.join",
    )  # fmt: skip
    assert said["at"].endswith("+00:00")


def test_of_an_error_its_type_and_its_place_are_kept_and_not_its_words():
    def refuse():
        raise ValueError("Key (value)=(anna@example.com) already exists")

    try:
        refuse()
    except ValueError:
        said = line("events could not be taken together", error=True)
    assert said["error"] == "builtins.ValueError"
    assert said["where"].endswith(" refuse")
    assert "anna@example.com" not in json.dumps(said)


def test_an_address_that_one_person_was_given_is_not_in_the_log():
    for secret in ("/book/12:TiKPbm-x/", "/meet/acc_ymBln2/", "/calendar/s3cr3t.ics"):
        said = line("Conflict: %s", secret)["message"]
        assert said == f"Conflict: /{secret.split('/')[1]}/…"
    reset = reverse("account_reset_password_from_key", args=["3", "d7k-5f0e"])
    assert line("Internal Server Error: %s", reset)["message"].endswith(": /accounts/password/reset/key/…")
