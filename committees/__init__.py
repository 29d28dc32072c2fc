"""Committees for a Labor Party: the floor between campaigns and events."""
