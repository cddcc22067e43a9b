"""Every message that crosses a process border, in pydantic alone: no torch, no Qt, no database."""

PROTOCOL_VERSION = 1
"""Version of the messages between window, command line, service and workers; apart from the package's version."""
