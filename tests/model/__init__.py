"""Tests of the small council."""
