"""The address of the mail provider's reports. Only where MAIL_WEBHOOK names one: it needs django-anymail."""

from django.urls import path

from hub.views import mail_webhook

urlpatterns = [path("mail/", mail_webhook.mail_webhook, name="mail_webhook")]
