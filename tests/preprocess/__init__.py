"""Tests of the room that turns parts into tensors."""
