from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0003_proposals")]

    operations = [
        migrations.AddField(
            model_name="rsvp",
            name="as_member",
            field=models.BooleanField(default=False, help_text='without a name it is shown as "a member"'),
        ),
    ]
