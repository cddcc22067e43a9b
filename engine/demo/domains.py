"""The demos there are."""

from collections.abc import Mapping

from engine.demo.clinic import CLINIC
from engine.demo.generator import Domain
from engine.demo.support import SUPPORT

DOMAINS: Mapping[str, Domain] = {domain.name: domain for domain in (CLINIC, SUPPORT)}
"""Name, as `StartDemo` carries it -> the demo."""
