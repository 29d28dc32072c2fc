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
media                                          missing        404  404  404  404  404

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
events:detail                                  members        404  404  404  200  200
event_calendar                                 members        404  404  404  200  200
events:rsvp                                    members        404  404  404  200  200
events:rsvp_member                             published      302  302  302  302  302
events:rsvp_member                             members        302  404  404  302  302
events:rsvp_member                             draft          302  404  404  404  302
events:rsvp_member                             missing        302  404  404  404  404
events:coming                                  published      302  403  403  403  403
events:coming                                  members        302  404  404  403  403
events:coming                                  draft          302  404  404  404  403
events:coming                                  missing        302  404  404  404  404
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
events:propose                                 -              200  200  200  200  200
events:edit                                    published      302  403  403  403  403
events:edit                                    draft          302  404  404  404  403
events:edit                                    missing        302  404  404  404  404
events:edit                                    own-published  302  403  200  403  403
events:edit                                    own-submitted  302  404  200  403  403
events:edit                                    own-members    302  404  200  403  403
events:edit                                    own-frozen     302  403  403  403  403

host                                           unconfirmed    200  200  200  200  200
host                                           submitted      200  200  200  200  200
host                                           returned       200  200  200  200  200
host                                           rejected       200  200  200  200  200
host                                           approved       200  200  200  200  200
host                                           withdrawn      404  404  404  404  404
host                                           missing        404  404  404  404  404

moderation                                     -              404  404  404  200  200
review                                         in-queue       404  404  404  200  200
review                                         edit-in-queue  404  404  404  200  200
review                                         decided        404  404  404  200  200
review                                         withdrawn-one  404  404  404  200  200
review                                         no-review      404  404  404  404  404

events:ask                                     published      200  200  200  200  200
events:ask                                     unlisted       200  200  200  200  200
events:ask                                     draft          404  404  404  404  200
events:ask                                     missing        404  404  404  404  404
events:changes                                 published      302  403  403  200  200
events:changes                                 draft          404  404  404  404  200
events:changes                                 missing        404  404  404  404  404
thread                                         asker          200  200  200  200  200
thread                                         browser        200  200  200  200  200
thread                                         spent-thread   200  200  200  200  200
thread                                         host           200  200  200  200  200
thread                                         moderators     302  404  404  200  200
thread                                         missing        404  404  404  404  404
organizations:list                             -              200  200  200  200  200
organizations:detail                           organization   200  200  200  200  200
organizations:detail                           org-merged     302  302  302  302  302
organizations:detail                           org-draft      404  404  404  200  200
organizations:detail                           missing        404  404  404  404  404
organizations:officer                          organization   200  200  200  200  200
organizations:officer                          org-draft      404  404  404  200  200
organizations:officer                          missing        404  404  404  404  404
officer                                        claim          200  200  200  200  200
officer                                        missing        404  404  404  404  404
endorse:form                                   e-event        200  200  200  200  200
endorse:form                                   e-day          200  200  200  200  200
endorse:form                                   e-appeal       200  200  200  200  200
endorse:form                                   e-cancelled    410  410  410  410  410
endorse:form                                   e-members      404  404  404  410  410
endorse:form                                   e-draft        404  404  404  404  410
endorse:form                                   e-missing      404  404  404  404  404
endorse:form                                   e-nothing      404  404  404  404  404
endorse:list                                   e-event        200  200  200  200  200
endorse:list                                   e-day          200  200  200  200  200
endorse:list                                   e-appeal       200  200  200  200  200
endorse:list                                   e-cancelled    200  200  200  200  200
endorse:list                                   e-draft        404  404  404  404  200
endorse:list                                   e-missing      404  404  404  404  404
endorse:resolution                             e-event        200  200  200  200  200
endorse:resolution                             e-appeal       200  200  200  200  200
endorse:resolution                             e-cancelled    410  410  410  410  410
endorse:resolution                             e-draft        404  404  404  404  410
endorse:resolution                             e-missing      404  404  404  404  404
endorsement                                    en-browser     200  200  200  200  200
endorsement                                    en-mail        200  200  200  200  200
endorsement                                    en-spent       200  200  200  200  200
endorsement                                    en-withdrawn   200  200  200  200  200
endorsement                                    missing        404  404  404  404  404
committees:list                                -              200  200  200  200  200
committees:left                                -              200  200  200  200  200
committees:detail                              committee      200  200  200  200  200
committees:detail                              com-unlisted   200  200  200  200  200
committees:detail                              com-hidden     404  404  404  200  200
committees:detail                              own-hidden     404  404  200  200  200
committees:detail                              com-draft      404  404  404  200  200
committees:detail                              com-closed     200  200  200  200  200
committees:detail                              com-frozen     200  200  200  200  200
committees:detail                              missing        404  404  404  404  404
committees:contact                             committee      200  200  200  200  200
committees:contact                             com-hidden     404  404  404  200  200
committees:contact                             own-hidden     404  404  200  200  200
committees:contact                             com-draft      404  404  404  410  410
committees:contact                             com-closed     410  410  410  410  410
committees:contact                             com-frozen     410  410  410  410  410
committees:contact                             missing        404  404  404  404  404
committees:join                                committee      200  200  200  200  200
committees:join                                own            200  200  302  200  200
committees:join                                com-hidden     404  404  404  200  200
committees:join                                com-draft      404  404  404  410  410
committees:join                                com-closed     410  410  410  410  410
committees:join                                com-frozen     410  410  410  410  410
committees:join                                missing        404  404  404  404  404
committees:joined                              committee      200  200  200  200  200
committees:joined                              com-hidden     404  404  404  200  200
committees:own                                 committee      302  403  403  403  403
committees:own                                 own            302  403  200  403  403
committees:own                                 own-hidden     404  404  200  403  403
committees:own                                 missing        404  404  404  404  404
committees:accept                              own            405  405  405  405  405
committees:leave                               own            405  405  405  405  405
committees:members                             committee      302  403  403  403  403
committees:members                             own            302  403  200  403  403
committees:members                             own-hidden     404  404  200  403  403
committees:members                             com-hidden     404  404  404  403  403
committees:members                             missing        404  404  404  404  404
committees:edit                                committee      302  403  403  403  403
committees:edit                                own            302  403  200  403  403
committees:edit                                own-hidden     404  404  200  403  403
committees:edit                                com-hidden     404  404  404  403  403
committees:edit                                missing        404  404  404  404  404
committees:member                              own-member     302  403  200  403  403
committees:lift_refusal                        own-member     405  405  405  405  405
application                                    application    200  200  200  200  200
application                                    missing        410  410  410  410  410
days:list                                      -              200  200  200  200  200
days:detail                                    day            200  200  200  200  200
days:detail                                    day-draft      404  404  404  404  200
days:detail                                    missing        404  404  404  404  404
days:host                                      day            200  200  200  200  200
days:host                                      day-past       410  410  410  410  410
days:host                                      day-draft      404  404  404  404  200
days:host                                      missing        404  404  404  404  404
day_calendar                                   day            200  200  200  200  200
day_calendar                                   day-draft      404  404  404  404  404
day_calendar                                   missing        404  404  404  404  404
committee_calendar                             committee      200  200  200  200  200
committee_calendar                             com-hidden     404  404  404  404  404
committee_calendar                             missing        404  404  404  404  404

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
account_login                                  -              200  302  302  302  302
account_request_login_code                     -              200  302  302  302  302
account_confirm_login_code                     -              302  302  302  302  302
mfa_authenticate                               -              302  302  302  302  302
logout                                         -              405  405  405  405  405
account_logout                                 -              405  405  405  405  405
account_signup                                 -              200  302  302  302  302
account_sign_up_code                           -              302  302  302  302  302
account_reset_password                         -              200  200  200  200  200
account_confirm_password_reset_code            -              302  302  302  302  302
account_complete_password_reset                -              302  302  302  302  302
account_password_reset_completed               -              200  200  200  200  200
account_change_password                        -              302  200  200  200  200
account_set_password                           -              302  302  302  302  302
account_email                                  -              302  302  302  302  302
account_email_verification_sent                -              302  302  302  302  302
account_reauthenticate                         -              302  200  200  200  200
account_request_reauthentication_code          -              302  200  200  200  200
account_confirm_reauthentication_code          -              302  302  302  302  302
mfa_reauthenticate                             -              302  302  302  302  302
mfa_index                                      -              302  200  200  200  200
mfa_activate_totp                              -              302  302  302  302  302
mfa_deactivate_totp                            -              302  404  404  404  404
mfa_view_recovery_codes                        -              302  404  404  404  404
mfa_generate_recovery_codes                    -              302  302  302  302  302
mfa_download_recovery_codes                    -              302  404  404  404  404
me                                             -              302  200  200  200  200
me_settings                                    -              302  200  200  200  200
me_data                                        -              302  200  200  200  200
me_erased                                      -              200  200  200  200  200
roles                                          -              404  404  404  403  200

style                                          -              200  200  200  200  200
dev_mail                                       -              200  200  200  200  200
dev_mail_detail                                mail           200  200  200  200  200
dev_mail_detail                                missing        404  404  404  404  404

admin:index                                    -              404  404  404  200  200
admin:login                                    -              404  404  404  302  302
admin:logout                                   -              404  404  404  405  405
admin:password_change                          -              404  404  404  200  200
admin:password_change_done                     -              404  404  404  200  200
admin:autocomplete                             -              404  404  404  403  403
admin:jsi18n                                   -              404  404  404  200  200
admin:view_on_site                             event          404  404  404  404  404
admin:app_list                                 committees     404  404  404  200  200
admin:app_list                                 events         404  404  404  200  200
admin:app_list                                 hub            404  404  404  200  200
admin/(?P<url>.*)$                             anything       404  404  404  404  404
admin/(?P<url>.*)$                             people         404  404  404  404  404
admin:hub_auditentry_changelist                -              404  404  404  200  200
admin:hub_auditentry_add                       -              404  404  404  403  403
admin:hub_auditentry_history                   entry          404  404  404  200  200
admin:hub_auditentry_delete                    entry          404  404  404  403  403
admin:hub_auditentry_change                    entry          404  404  404  200  200
admin/hub/auditentry/<path:object_id>/         entry          404  404  404  302  302
admin:campaigns_campaign_changelist            -              404  404  404  200  200
admin:campaigns_campaign_add                   -              404  404  404  200  200
admin:campaigns_campaign_history               campaign       404  404  404  302  302
admin:campaigns_campaign_delete                campaign       404  404  404  403  403
admin:campaigns_campaign_change                campaign       404  404  404  200  200
admin/campaigns/campaign/<path:object_id>/     campaign       404  404  404  302  302
admin:campaigns_organization_changelist        -              404  404  404  200  200
admin:campaigns_organization_add               -              404  404  404  200  200
admin:campaigns_organization_history           org-pk         404  404  404  302  302
admin:campaigns_organization_delete            org-pk         404  404  404  403  403
admin:campaigns_organization_change            org-pk         404  404  404  200  200
admin/campaigns/organization/<path:object_id>/ org-pk         404  404  404  302  302
admin:committees_committee_changelist          -              404  404  404  200  200
admin:committees_committee_add                 -              404  404  404  200  200
admin:committees_committee_history             com-pk         404  404  404  302  302
admin:committees_committee_delete              com-pk         404  404  404  403  403
admin:committees_committee_change              com-pk         404  404  404  200  200
admin/committees/committee/<path:object_id>/   com-pk         404  404  404  302  302
admin:events_dayofaction_changelist            -              404  404  404  200  200
admin:events_dayofaction_add                   -              404  404  404  200  200
admin:events_dayofaction_history               day-pk         404  404  404  302  302
admin:events_dayofaction_delete                day-pk         404  404  404  403  403
admin:events_dayofaction_change                day-pk         404  404  404  200  200
admin/events/dayofaction/<path:object_id>/     day-pk         404  404  404  302  302
admin:events_event_changelist                  -              404  404  404  200  200
admin:events_event_add                         -              404  404  404  200  200
admin:events_event_history                     event          404  404  404  302  302
admin:events_event_delete                      event          404  404  404  403  403
admin:events_event_delete                      event-draft    404  404  404  403  200
admin:events_event_change                      event          404  404  404  200  200
admin:events_event_change                      event-draft    404  404  404  302  200
admin:events_event_change                      event-missing  404  404  404  302  302
admin/events/event/<path:object_id>/           event          404  404  404  302  302
"""


def rows() -> list[Row]:
    """The table, read."""
    lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    return [Row(view, case, tuple(int(status) for status in statuses)) for view, case, *statuses in lines]
