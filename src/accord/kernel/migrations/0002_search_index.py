from django.db import migrations


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_entry ADD COLUMN pairs text[] NOT NULL DEFAULT '{}'")
        schema_editor.execute("CREATE INDEX search_entry_pairs ON search_entry USING gin (pairs)")
    else:
        schema_editor.execute("CREATE VIRTUAL TABLE search_index USING fts5(pairs, content='', tokenize='ascii')")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_entry DROP COLUMN pairs")
    else:
        schema_editor.execute("DROP TABLE search_index")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
