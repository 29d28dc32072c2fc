from django.db import migrations


def sentences_to_texts(apps, schema_editor):
    Campaign = apps.get_model("campaigns", "Campaign")
    CampaignText = apps.get_model("campaigns", "CampaignText")
    for campaign in Campaign.objects.all():
        for language, summary in (("en", campaign.summary), ("es", campaign.summary_es)):
            if summary:
                CampaignText.objects.create(campaign=campaign, language=language, summary=summary)


def texts_to_sentences(apps, schema_editor):
    Campaign = apps.get_model("campaigns", "Campaign")
    for campaign in Campaign.objects.prefetch_related("texts"):
        texts = {text.language: text.summary for text in campaign.texts.all()}
        campaign.summary, campaign.summary_es = texts.get("en", ""), texts.get("es", "")
        campaign.save()


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_campaign_texts")]

    operations = [migrations.RunPython(sentences_to_texts, texts_to_sentences)]
