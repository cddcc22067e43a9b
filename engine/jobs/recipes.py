"""Recipes by name, for those who may not load what training needs: a recipe is only data."""

from engine.schema.config import RunConfig
from engine.train.recipes import recipes


def config(name: str) -> RunConfig:
    """Return a recipe's whole configuration; raises `bad-setting` naming the known ones."""
    return recipes[name].build().config()
