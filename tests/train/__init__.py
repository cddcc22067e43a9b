"""Tests of engine/train."""
