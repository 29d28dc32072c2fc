"""The least a Django site can do and still show events and take RSVPs: what the hub is compared with."""
