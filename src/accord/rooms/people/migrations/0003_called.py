import shutil

from django.db import migrations

from accord.kernel.text import normalise
from accord.kernel.warehouse.mirror import folder

# References that agreements ask, with the table and the column of what they mean.
REFERENCES = (
    ("contact", "company", "company", "external_id"),
    ("company", "parent", "company", "external_id"),
    ("asset", "owner", "member", "email"),
    ("campaign", "owner", "member", "email"),
)


def compare_by_names(apps, schema_editor):
    """Values that had compared by the number of a record; the mirror, which has copied them, begins anew."""
    with schema_editor.connection.cursor() as cursor:
        changed = sum(_named(cursor, *reference) for reference in REFERENCES)
    if changed:
        shutil.rmtree(folder())


def _named(cursor, kind, field, table, column):
    cursor.execute(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL")
    names = [(pk, normalise(name)) for pk, name in cursor.fetchall()]
    cursor.execute("CREATE TEMPORARY TABLE called (id bigint PRIMARY KEY, norm text)")
    cursor.executemany("INSERT INTO called VALUES (%s, %s)", names)
    cursor.execute(
        "UPDATE trait SET norm = (SELECT norm FROM called WHERE called.id = trait.number) "
        "WHERE kind = %s AND field = %s AND number IN (SELECT id FROM called)",
        [kind, field],
    )
    changed = cursor.rowcount
    cursor.execute("DROP TABLE called")
    return changed


class Migration(migrations.Migration):
    dependencies = [("people", "0002_may_contact"), ("kernel", "0006_search_on_postgresql")]
    operations = [migrations.RunPython(compare_by_names, migrations.RunPython.noop)]
