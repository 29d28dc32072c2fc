"""What committees keep about people, and for how long."""

from committees.models import Application
from hub.personal import register_holder

register_holder(Application)
