import accord.kernel.instants
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0002_search_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='MirrorLease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(blank=True, max_length=32)),
                ('until', accord.kernel.instants.InstantField(null=True)),
            ],
            options={
                'db_table': 'mirror_lease',
            },
        ),
    ]
