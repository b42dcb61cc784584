from accord.kernel.imports.reading import BadRow, inspect, rows
from accord.kernel.imports.rejects import RejectsWriter


def test_rejected_rows_come_in_again_once_corrected(tmp_path):
    source, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    source.write_text('name,note\nAnna,"two\nlines"\nBob\n=1+1,王,x\n')
    reading = inspect(source)
    with RejectsWriter(rejects, reading.header) as writer:
        for item in rows(reading, source):
            if isinstance(item, BadRow):
                writer.add(*item)
    assert writer.count == 2
    assert rejects.read_bytes().startswith(b"\xef\xbb\xbfline,reason,name,note\r\n")
    assert b'\r\n5,"The row has 3 cells' in rejects.read_bytes()

    rejects.write_bytes(rejects.read_bytes().replace(b"Bob", b"Bob,fine").replace(",王".encode(), b""))
    again = inspect(rejects)
    assert again.header == ["name", "note"]
    assert list(rows(again, rejects)) == [(2, ["Bob", "fine"]), (3, ["=1+1", "x"])]
    assert again.sample == [["Bob", "fine"], ["=1+1", "x"]]


def test_without_a_bad_row_there_is_no_file(tmp_path):
    with RejectsWriter(tmp_path / "rejects.csv", ["name"]) as writer:
        pass
    assert writer.count == 0
    assert not writer.path.exists()


def test_what_no_encoding_can_hold_is_written_as_unreadable(tmp_path):
    with RejectsWriter(tmp_path / "rejects.csv", ["name"]) as writer:
        writer.add(2, ["a\udce9b"], "bad")
    assert writer.path.read_text("utf-8-sig").splitlines()[1] == "2,bad,a?b"
