"""Recipes: named sets of defaults, one file each; importing this room registers them all."""

from engine.train.recipes import distil, fuse, quick
from engine.train.recipes.base import Recipe, recipes

__all__ = ["Recipe", "distil", "fuse", "quick", "recipes"]
