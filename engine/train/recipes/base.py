"""What a recipe is: a title, a sentence, and a whole configuration to start from; a run changes single settings of it."""

import abc

from engine.registry import Registry
from engine.schema.base import Config
from engine.schema.config import RunConfig


class NoSettings(Config):
    """Recipes have no settings of their own: what they set is the run's configuration."""


class Recipe(abc.ABC):
    """Base of all recipes."""

    title: str
    title_zh: str
    needs_model: bool = False
    """Whether it starts from a finished model; without one it starts from scratch."""

    @abc.abstractmethod
    def config(self) -> RunConfig:
        """Return the configuration to start from."""


recipes: Registry[Recipe] = Registry("recipe")
