from django.db import migrations

from accord.kernel.text import index_text

CHUNK = 5000


def make_again(apps, schema_editor):
    """The index with the kind in every token, out of the entries. PostgreSQL keeps the kind beside its tokens."""
    if schema_editor.connection.vendor == "postgresql":
        return
    schema_editor.execute("DROP TABLE search_index")
    schema_editor.execute("CREATE VIRTUAL TABLE search_index USING fts5(pairs, content='', tokenize='ascii')")
    entries = apps.get_model("kernel", "SearchEntry").objects.order_by("id").values_list("id", "kind", "words")
    last = 0
    while chunk := list(entries.filter(id__gt=last)[:CHUNK]):
        last = chunk[-1][0]
        pairs = [(pk, index_text(kind, *words.split("\n"))) for pk, kind, words in chunk]
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany("INSERT INTO search_index (rowid, pairs) VALUES (%s, %s)", pairs)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_booking")]
    operations = [migrations.RunPython(make_again, migrations.RunPython.noop)]
