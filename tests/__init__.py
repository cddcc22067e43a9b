"""Consilium's tests."""
