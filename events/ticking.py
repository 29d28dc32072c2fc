"""What events do at each tick, in this order: give back holds, roll on, plan reminders."""

from events.actions.events import roll_next
from events.actions.reminders import plan_due
from events.actions.rsvps import release_holds
from hub.ticking import every_tick

every_tick(release_holds)
every_tick(roll_next)
every_tick(plan_due)
