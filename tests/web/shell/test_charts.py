from accord.web.shell import charts


def test_the_chart_library_is_written_once_and_again_only_when_its_maker_changes(settings, tmp_path):
    settings.HOME = tmp_path
    path = charts.build()
    assert path == tmp_path / "built" / "accord" / "js" / "vega.js"
    written = path.read_text(encoding="utf-8")
    assert written.rstrip().endswith("as vegaEmbed};")
    path.write_text(written.splitlines()[0] + "\nkept", encoding="utf-8")
    assert charts.build().read_text(encoding="utf-8").endswith("kept")
    path.write_text("// vl-convert-python 0.0.1\nold", encoding="utf-8")
    assert charts.build().read_text(encoding="utf-8") == written
