"""Tests of the whole: real window, real service, real workers, real database."""
