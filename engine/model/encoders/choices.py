"""What may read each kind of input: an encoder of our own that is learned from nothing, or a pretrained one that is kept inside."""

from collections.abc import Collection

from pydantic import Field
from torch import nn

from engine.model.encoders.audio import AudioEncoder
from engine.model.encoders.image import ImageEncoder
from engine.model.encoders.pretrained import PretrainedEncoder
from engine.model.encoders.text import TextEncoder
from engine.preprocess.preparation import Preparation
from engine.preprocess.reader import Reader
from engine.pretrained.inside import Inside, load_inside, source_of
from engine.registry import Registry
from engine.schema.base import Config, Modality
from engine.schema.config import Choice, StudentConfig
from engine.schema.errors import EngineFault

text_encoders: Registry[nn.Module] = Registry("text encoder")
image_encoders: Registry[nn.Module] = Registry("image encoder")
audio_encoders: Registry[nn.Module] = Registry("audio encoder")
ENCODERS: dict[Modality, Registry[nn.Module]] = {
    "text": text_encoders,
    "image": image_encoders,
    "audio": audio_encoders,
}
_LEARNED = ("Trained from scratch, with the rest of the council.", "与模型其余部分一起从零学习。")
_PRETRAINED = ("A pretrained model, kept inside the council.", "将预训练模型保留在模型内。")


class LearnedConfig(Config):
    """An encoder of our own has no settings."""


class PretrainedConfig(Config):
    """Settings of a pretrained encoder that is kept inside."""

    model: str = Field(
        "", description="Folder or Hugging Face Hub id of the encoder; only for texts one comes with the set-up."
    )
    online: bool = Field(
        False,
        description="Whether it may be downloaded from the Hugging Face Hub; otherwise it must lie on this computer.",
    )
    tuned_layers: int = Field(
        0,
        ge=0,
        le=48,
        description="Last layers that are learned further; at 0 it stays as it came, and reads everything only once.",
    )
    tuned_rate: float = Field(
        0.02, gt=0, le=1, description="Learning rate of these layers, as a share of that of the run."
    )
    states_dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of what the encoder says that is hidden in a training step; 0: the student's dropout.",
    )


@text_encoders.register("learned", LearnedConfig, *_LEARNED)
def _learned_text(preparation: Preparation, width: int, dropout: float) -> TextEncoder:
    return TextEncoder(preparation.tokenizer.size, width, preparation.text_tokens, dropout)


@image_encoders.register("learned", LearnedConfig, *_LEARNED)
def _learned_image(preparation: Preparation, width: int, dropout: float) -> ImageEncoder:
    return ImageEncoder(preparation.image_channels, width, preparation.image_size, dropout)


@audio_encoders.register("learned", LearnedConfig, *_LEARNED)
def _learned_audio(preparation: Preparation, width: int, dropout: float) -> AudioEncoder:
    return AudioEncoder(len(preparation.audio_mean), width, preparation.audio_frames, dropout)


@text_encoders.register("pretrained", PretrainedConfig, *_PRETRAINED)
def _kept_text(preparation: Preparation, width: int, dropout: float, **settings: float) -> PretrainedEncoder:
    return _kept("text", preparation, width, dropout, **settings)


@image_encoders.register("pretrained", PretrainedConfig, *_PRETRAINED)
def _kept_image(preparation: Preparation, width: int, dropout: float, **settings: float) -> PretrainedEncoder:
    return _kept("image", preparation, width, dropout, **settings)


@audio_encoders.register("pretrained", PretrainedConfig, *_PRETRAINED)
def _kept_audio(preparation: Preparation, width: int, dropout: float, **settings: float) -> PretrainedEncoder:
    return _kept("audio", preparation, width, dropout, **settings)


def _kept(
    modality: Modality,
    preparation: Preparation,
    width: int,
    dropout: float,
    states_dropout: float,
    tuned_rate: float,
    **_: float,
) -> PretrainedEncoder:
    reader = preparation.reader(modality)
    if not isinstance(reader, Inside):
        raise EngineFault("internal", detail=f"the encoder for {modality} was not loaded")
    return PretrainedEncoder(reader.own(), width, states_dropout or dropout, tuned_rate)


def choice_of(config: StudentConfig, modality: Modality) -> Choice:
    """Return what reads a modality."""
    choice: Choice = getattr(config, modality)
    return choice


def with_choices(config: StudentConfig, choices: dict[Modality, Choice]) -> StudentConfig:
    """Return the shape with other encoders."""
    return config.model_copy(update={str(modality): choice for modality, choice in choices.items()})


def build_encoder(modality: Modality, config: StudentConfig, preparation: Preparation) -> nn.Module:
    """Return the encoder of a modality with fresh weights."""
    registry, choice = ENCODERS[modality], choice_of(config, modality)
    settings = registry.settings(choice).model_dump()
    return registry[choice.name].build(preparation, config.width, config.dropout, **settings)


def reading_of(config: StudentConfig, modality: Modality) -> tuple[str, int]:
    """Return all that how a modality is read depends on: which pretrained encoder, with how many layers of its own; or none."""
    settings = ENCODERS[modality].settings(choice_of(config, modality))
    return (
        (settings.model or "pretrained", settings.tuned_layers) if isinstance(settings, PretrainedConfig) else ("", 0)
    )


def open_inside(preparation: Preparation, config: StudentConfig, same: Collection[Modality] = ()) -> Preparation:
    """Return the preparation with every pretrained encoder that the shape names, loaded from where its settings say.

    Modalities that are the `same` keep the encoder that reads them already.
    """
    readers: dict[Modality, Reader] = {}
    called = {told.modality: told.name for told in preparation.inside} if not same else {}
    for modality, registry in ENCODERS.items():
        settings = registry.settings(choice_of(config, modality))
        if modality in same and (reader := preparation.reader(modality)) is not None:
            readers[modality] = reader
        elif isinstance(settings, PretrainedConfig):
            source = source_of(modality, settings.model, settings.online, called.get(modality, ""))
            readers[modality] = load_inside(modality, source, settings.tuned_layers)
    return preparation.reading_with(readers) if readers else preparation
