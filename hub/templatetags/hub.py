"""Template filters used on every floor."""

from django import template

from hub import markdown, zones

register = template.Library()

register.filter("markdown", markdown.to_html)
register.filter("moment", zones.moment_text)
register.filter("hour", zones.hour_text)
