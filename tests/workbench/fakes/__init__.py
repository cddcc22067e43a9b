"""Fakes with names, for the edges of the window."""
