"""Every message that crosses a process border, in pydantic alone: no torch, no Qt, no database."""

PROTOCOL_VERSION = 2
"""Version of the messages between window, command line, service and workers; it goes up with every change of one (`tests/contract`)."""
