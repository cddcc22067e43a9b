"""Recipes: named sets of defaults, one file each; importing this room registers them all."""

from engine.train.recipes import baseline, distil, fuse, inside, quick
from engine.train.recipes.base import Recipe, recipes

__all__ = ["Recipe", "baseline", "distil", "fuse", "inside", "quick", "recipes"]
