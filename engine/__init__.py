"""Consilium's engine: the sparse council of experts, its teachers, its service and its command line."""

__version__ = "0.1.0"
