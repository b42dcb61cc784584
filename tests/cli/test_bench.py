"""`accord bench` runs the benches of a checkout, and says so where there is none."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from accord.cli.benching import CHECKOUT

ON_SQLITE = pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)


@ON_SQLITE
def test_without_a_name_the_benches_are_listed(scratch):
    said = scratch.accord("bench").stdout
    assert {line.split()[0] for line in said.splitlines()} >= {"api", "importing", "journal", "mirror", "pages"}
    assert "scratch" not in said  # a part of benches, and none itself


@ON_SQLITE
def test_an_unknown_name_is_refused_with_those_there_are(scratch):
    refused = scratch.accord("bench", "nonsense", "--json", check=False)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("There is no bench nonsense: use one of api, ")
    assert "Traceback" not in refused.stderr


def test_a_bench_measures_on_every_database_that_is_configured(scratch):
    found = json.loads(scratch.accord("bench", "importing", "--rows", 200, "--json").stdout)
    assert [one["database"] for one in found] == ["sqlite", "postgresql"][: 1 + (scratch.vendor == "postgresql")]
    # The same two hundred rows twice: all are new, then none is.
    counts = [(one["import"]["rows"], one["import"]["created"], one["import"]["again_unchanged"]) for one in found]
    assert counts == [(200, 200, 200)] * len(found)


def test_without_a_checkout_it_says_what_is_needed(tmp_path):
    shutil.copytree(CHECKOUT / "src" / "accord", tmp_path / "lib" / "accord")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "lib"), "ACCORD_HOME": str(tmp_path / "home")}
    refused = subprocess.run(
        [sys.executable, "-m", "accord.cli", "bench", "importing", "--json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "run this from a checkout" in refused.stderr
    assert "Traceback" not in refused.stderr
