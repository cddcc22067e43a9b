"""`fuse`: a council learns to combine the modalities, from hard labels, starting from a distilled one where there is one."""

from engine.schema.config import LossConfig, OptimConfig, RunConfig, StudentConfig
from engine.train.recipes.base import NoSettings, Recipe, recipes


@recipes.register(
    "fuse",
    NoSettings,
    "Learns to combine the kinds of input, also where one is missing.",
    "学习如何综合各类资料，资料缺失时亦然。",
)
class Fuse(Recipe):
    """Modality dropout, answers from single modalities, and their agreement."""

    title = "Learn to combine"
    title_zh = "学习融合"
    needs_model = True

    def config(self) -> RunConfig:
        """Return the defaults of fusion training."""
        return RunConfig(
            recipe="fuse",
            student=StudentConfig(),
            loss=LossConfig(hard=1.0, distil=0.0, hidden=0.0, auxiliary=0.3, consistency=0.05),
            optim=OptimConfig(epochs=8, learning_rate=3e-4, label_smoothing=0.1, modality_dropout=0.25, augment=0.6),
            start_from="latest",
        )
