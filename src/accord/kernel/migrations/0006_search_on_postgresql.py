from django.db import migrations

PAIRS = "CREATE INDEX search_entry_pairs ON search_entry USING gin (pairs)"
NEWEST = "CREATE INDEX search_entry_newest ON search_entry (kind, id)"
MARKED, BARE = "left(kind, 1) || right(kind, 1) || token", "substr(token, 3)"


def make(apps, schema_editor):
    """The kind in every token, as the index of SQLite has it, and the newest entries of a kind in an index."""
    if schema_editor.connection.vendor == "postgresql":
        _write(schema_editor, MARKED)
        schema_editor.execute(NEWEST)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX search_entry_newest")
        _write(schema_editor, BARE)


def _write(schema_editor, token):
    # Its index is made again: beside the new tokens it would keep all that is of the old ones.
    schema_editor.execute("DROP INDEX search_entry_pairs")
    schema_editor.execute(
        f"UPDATE search_entry SET pairs = ARRAY(SELECT {token} FROM unnest(pairs) WITH ORDINALITY AS held (token, place) "
        "ORDER BY place)"
    )
    schema_editor.execute(PAIRS)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_search_by_kind")]
    operations = [migrations.RunPython(make, unmake)]
