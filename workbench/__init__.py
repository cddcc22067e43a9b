"""Consilium's window: drop a case, read the answer, watch the experts learn."""
