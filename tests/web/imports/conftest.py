import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accord.kernel import jobs


@pytest.fixture
def home(tmp_path, settings):
    """Files that these tests give are kept here."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return settings.HOME


@pytest.fixture
def give():
    """Upload a file; the answer to it."""

    def given(browser, content: str | bytes, kind: str = "contacts", name: str = "fair.csv", map: str = ""):
        raw = content.encode() if isinstance(content, str) else content
        maps = {"map": SimpleUploadedFile("kept.yaml", map.encode())} if map else {}
        return browser.post("/imports/new/", {"file": SimpleUploadedFile(name, raw), "kind": kind, **maps})

    return given


@pytest.fixture
def worker():
    """Do all the work that waits, as a worker would."""

    def work() -> None:
        while job := jobs.claim():
            jobs.run(job)

    return work


@pytest.fixture
def chosen():
    """The form of a draft's page as a browser would send it, with some choices changed."""

    def form(answer, **changed: str) -> dict[str, str]:
        body = answer.content.decode()
        data = {}
        for tag in re.findall(r"<input [^>]*>", body):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and ("checkbox" not in tag or "checked" in tag):
                data[name[1]] = unescape(value[1]) if value else "on"
        for name, options in re.findall(r'<select [^>]*name="([^"]*)".*?>(.*?)</select>', body, re.DOTALL):
            picked = re.search(r'<option value="([^"]*)" selected', options)
            data[name] = unescape(picked[1]) if picked else ""
        return {**data, **{name.replace("_", "-"): value for name, value in changed.items()}}

    return form
