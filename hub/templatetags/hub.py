"""Template filters used on every floor."""

from django import template

from hub import markdown

register = template.Library()

register.filter("markdown", markdown.to_html)
