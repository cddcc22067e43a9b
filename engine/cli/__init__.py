"""The command line: a client of the same service and the same queue as the window."""
