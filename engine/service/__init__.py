"""The engine's service: the HTTP API of one project, and the only holder of its database."""
