"""The database backend named in settings.DATABASES."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A kept connection is looked at before each request. Django asks the server, which costs a
    round trip; here only one that has something to say is asked. A server that ended the connection
    has sent a farewell or closed its end, and either can be read; one that is well and idle is silent.
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        silent = select.poll()
        silent.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if silent.poll(0) else True
