from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_campaign_sentences_to_texts")]

    operations = [
        # Going back, a campaign without a sentence in English has an empty one.
        migrations.AlterField(
            model_name="campaign",
            name="summary",
            field=models.CharField(default="", help_text="One sentence: what this campaign is for.", max_length=300),
        ),
        migrations.RemoveField(model_name="campaign", name="summary"),
        migrations.RemoveField(model_name="campaign", name="summary_es"),
    ]
