"""Who may open what: every address of the hub, in every state that matters, as each of the cast.

One line a case: the view's name (of a nameless one the route), the case, and the status a GET is
answered with for a visitor, a member, a coordinator, a moderator and an administrator. A view has
one name in both languages; the test asks for both. Static files are served before the addresses
are looked at, and aren't here. A new address without a line fails the test.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One line; `statuses` in the order of tests.cast.ROLES."""

    view: str
    case: str
    statuses: tuple[int, ...]


TABLE = """
livez                                          -              200  200  200  200  200
readyz                                         -              200  200  200  200  200

home                                           -              200  200  200  200  200
events:list                                    -              200  200  200  200  200
events:detail                                  published      200  200  200  200  200
events:detail                                  unlisted       200  200  200  200  200
events:detail                                  cancelled      200  200  200  200  200
events:detail                                  postponed      200  200  200  200  200
events:detail                                  past           200  200  200  200  200
events:detail                                  hidden-place   200  200  200  200  200
events:detail                                  draft          404  404  404  404  200
events:detail                                  taken-off      404  404  404  404  200
events:detail                                  missing        404  404  404  404  404
event_calendar                                 published      200  200  200  200  200
event_calendar                                 unlisted       200  200  200  200  200
event_calendar                                 cancelled      200  200  200  200  200
event_calendar                                 past           200  200  200  200  200
event_calendar                                 hidden-place   200  200  200  200  200
event_calendar                                 draft          404  404  404  404  200
event_calendar                                 taken-off      404  404  404  404  200
event_calendar                                 missing        404  404  404  404  404
events:rsvp                                    published      200  200  200  200  200
events:rsvp                                    unlisted       200  200  200  200  200
events:rsvp                                    cancelled      410  410  410  410  410
events:rsvp                                    postponed      410  410  410  410  410
events:rsvp                                    past           410  410  410  410  410
events:rsvp                                    hidden-place   200  200  200  200  200
events:rsvp                                    draft          404  404  404  404  410
events:rsvp                                    taken-off      404  404  404  404  410
events:rsvp                                    missing        404  404  404  404  404

rsvp                                           of-browser     200  200  200  200  200
rsvp                                           of-mail        200  200  200  200  200
rsvp                                           spent          200  200  200  200  200
rsvp                                           merged         302  302  302  302  302
rsvp                                           missing        404  404  404  404  404
confirm                                        waiting        200  200  200  200  200
confirm                                        answered       200  200  200  200  200
confirm                                        too-old        410  410  410  410  410
confirm                                        missing        410  410  410  410  410
mine                                           -              200  200  200  200  200
erased                                         -              200  200  200  200  200

login                                          -              200  302  302  302  302
logout                                         -              405  405  405  405  405

style                                          -              200  200  200  200  200
dev_mail                                       -              200  200  200  200  200
dev_mail_detail                                mail           200  200  200  200  200
dev_mail_detail                                missing        404  404  404  404  404

admin:index                                    -              404  404  404  404  200
admin:login                                    -              404  404  404  404  302
admin:logout                                   -              404  404  404  404  405
admin:password_change                          -              404  404  404  404  200
admin:password_change_done                     -              404  404  404  404  200
admin:autocomplete                             -              404  404  404  404  403
admin:jsi18n                                   -              404  404  404  404  200
admin:view_on_site                             event          404  404  404  404  404
admin:app_list                                 events         404  404  404  404  200
admin:app_list                                 hub            404  404  404  404  200
admin/(?P<url>.*)$                             anything       404  404  404  404  404
admin/(?P<url>.*)$                             people         404  404  404  404  404
admin:hub_auditentry_changelist                -              404  404  404  404  200
admin:hub_auditentry_add                       -              404  404  404  404  403
admin:hub_auditentry_history                   entry          404  404  404  404  200
admin:hub_auditentry_delete                    entry          404  404  404  404  403
admin:hub_auditentry_change                    entry          404  404  404  404  200
admin/hub/auditentry/<path:object_id>/         entry          404  404  404  404  302
admin:campaigns_campaign_changelist            -              404  404  404  404  200
admin:campaigns_campaign_add                   -              404  404  404  404  200
admin:campaigns_campaign_history               campaign       404  404  404  404  302
admin:campaigns_campaign_delete                campaign       404  404  404  404  403
admin:campaigns_campaign_change                campaign       404  404  404  404  200
admin/campaigns/campaign/<path:object_id>/     campaign       404  404  404  404  302
admin:events_event_changelist                  -              404  404  404  404  200
admin:events_event_add                         -              404  404  404  404  200
admin:events_event_history                     event          404  404  404  404  302
admin:events_event_delete                      event          404  404  404  404  403
admin:events_event_delete                      event-draft    404  404  404  404  200
admin:events_event_change                      event          404  404  404  404  200
admin:events_event_change                      event-draft    404  404  404  404  200
admin:events_event_change                      event-missing  404  404  404  404  302
admin/events/event/<path:object_id>/           event          404  404  404  404  302
"""


def rows() -> list[Row]:
    """The table, read."""
    lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    return [Row(view, case, tuple(int(status) for status in statuses)) for view, case, *statuses in lines]
