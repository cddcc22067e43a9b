"""Tests of engine/teachers."""
