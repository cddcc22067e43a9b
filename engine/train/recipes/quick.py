"""`quick`: hard labels alone and few passes, for tables of many runs."""

from engine.schema.config import LossConfig, OptimConfig, RunConfig, StudentConfig
from engine.train.recipes.base import NoSettings, Recipe, recipes


@recipes.register(
    "quick",
    NoSettings,
    "No teachers and few passes: for a first look and for tables.",
    "不用教师、轮数少：用于初步了解和对比表。",
)
class Quick(Recipe):
    """A short run without teachers."""

    title = "Quick look"
    title_zh = "快速试跑"

    def config(self) -> RunConfig:
        """Return the defaults of a quick run."""
        return RunConfig(
            recipe="quick",
            student=StudentConfig(),
            loss=LossConfig(distil=0.0, hidden=0.0),
            optim=OptimConfig(epochs=12, learning_rate=3e-3, label_smoothing=0.1, augment=0.6),
            folds=2,
        )
