import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_organizations_and_endorsements")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="accent",
            field=models.CharField(
                blank=True,
                help_text="The colour of its pages, such as #1d4f91; left empty, they are red.",
                max_length=7,
            ),
        ),
        migrations.CreateModel(
            name="CampaignText",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("language", models.CharField(choices=[("en", "English"), ("es", "Español")], max_length=5)),
                ("summary", models.CharField(help_text="what it is for, in a sentence", max_length=300)),
                ("about", models.TextField(blank=True, help_text="Markdown", max_length=20000)),
                (
                    "legal_support",
                    models.CharField(
                        blank=True, help_text="whom to call when somebody is arrested or fired", max_length=300
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "language"), name="one_campaign_text_a_language"
                    )
                ],
            },
        ),
    ]
