"""What events do at each tick: give back holds, do what hosts asked for, put what is mailed to
those who are coming, roll on, plan reminders."""

from events.actions.events import roll_next
from events.actions.fan_out import put_updates
from events.actions.holds import release_holds
from events.actions.host_changes import do_due_changes
from events.actions.reminders import plan_due
from hub.ticking import every_tick

every_tick(release_holds)
every_tick(do_due_changes)
every_tick(put_updates)
every_tick(roll_next)
every_tick(plan_due)
