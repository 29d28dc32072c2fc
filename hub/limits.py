"""Where limits of log-ins are counted: Django's cache in a table, under keys that tell nothing."""

from hub.sealing import digest


def cache_key(key: str, prefix: str, version: int) -> str:
    """A keyed digest in place of the key, which may hold an address, its plain hash, or an account's id."""
    return digest("cache", f"{prefix}\0{version}\0{key}").hex()
