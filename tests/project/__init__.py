"""Tests of the project itself: its shape, its set-up, its packaging."""
