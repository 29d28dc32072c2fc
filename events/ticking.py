"""What events do at each tick: give back holds, do what hosts asked for, roll on, plan reminders."""

from events.actions.events import roll_next
from events.actions.host_changes import do_due_changes
from events.actions.reminders import plan_due
from events.actions.rsvps import release_holds
from hub.ticking import every_tick

every_tick(release_holds)
every_tick(do_due_changes)
every_tick(roll_next)
every_tick(plan_due)
