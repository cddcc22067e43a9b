"""Recipes by name, for those who may not load what training needs."""

from engine.schema.config import RunConfig


def config(name: str) -> RunConfig:
    """Return a recipe's whole configuration; raises `bad-setting` naming the known ones."""
    return RunConfig(recipe=name)
