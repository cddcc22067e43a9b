"""Tests of what stands above the rooms of the engine."""
