"""Messages and files, without an engine."""
