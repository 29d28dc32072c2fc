"""The hub: its wiring (settings, addresses, worker) and the ground floor every app stands on."""
