"""Tiny randomly initialised models in transformers' own format, as anybody's own folder would hold them, and a room to teach in."""

import io
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.ingest.decode.image import encode_png
from engine.schema.base import Modality
from engine.schema.case import Label
from engine.schema.config import StudentConfig
from engine.teachers.base import Classroom, Media, Roll
from engine.teachers.lessons import LessonCache

TEXTS = ("my card has not arrived", "the transfer is still pending", "i was charged twice")
NAMES = ("card", "transfer", "charge twice")
_SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}


def vit(folder: Path) -> Path:
    """Write a vision transformer of 16 x 16 pixels."""
    from transformers import ViTConfig, ViTImageProcessorPil, ViTModel

    torch.manual_seed(0)
    ViTModel(ViTConfig(**_SMALL, image_size=16, patch_size=8)).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 16, "width": 16}).save_pretrained(folder)
    return folder


def wav2vec2(folder: Path) -> Path:
    """Write a model that listens to raw samples."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    torch.manual_seed(0)
    convolutions = {"conv_dim": (8, 8), "conv_stride": (5, 4), "conv_kernel": (10, 8), "num_feat_extract_layers": 2}
    places = {"num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
    Wav2Vec2Model(Wav2Vec2Config(**_SMALL, **convolutions, **places)).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return folder


def whisper(folder: Path) -> Path:
    """Write an encoder-decoder that listens to one second at a time."""
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

    torch.manual_seed(0)
    layers = {"encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    sizes = {"d_model": 16, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "vocab_size": 50}
    limits = {"max_source_positions": 50, "max_target_positions": 8}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    config = WhisperConfig(**layers, **sizes, **limits, **tokens)
    WhisperModel(config).save_pretrained(folder)
    WhisperFeatureExtractor(chunk_length=1).save_pretrained(folder)
    return folder


def picture(value: int) -> bytes:
    """Return a PNG of one grey with a bright corner."""
    pixels_HWC = np.full((20, 24, 3), value, dtype=np.uint8)
    pixels_HWC[: 4 + value % 13, :6] = 255
    return encode_png(pixels_HWC)


def sound(tone: float, seconds: float = 0.3) -> bytes:
    """Return a 16-bit 16 kHz WAV of one tone."""
    samples = np.sin(np.arange(round(seconds * 16_000)) / 16_000 * tone * 2 * np.pi) * 8000
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def room(
    folder: Path,
    labels: Sequence[int],
    texts: Sequence[tuple[str, ...]] = (),
    media: dict[Modality, list[tuple[str, ...]]] | None = None,
    files: dict[str, bytes] | None = None,
    **more: Any,
) -> Classroom:
    """Return a room in which nothing is trained by the run itself; every third case is of one group."""

    def train(*_: object) -> None:
        raise AssertionError("a pretrained teacher trains no student")

    names = tuple(Label(name=name) for name in NAMES)
    facts: dict[str, Any] = {
        "texts": list(texts) or [("", "")] * len(labels),
        "labels_N": np.array(labels),
        "groups": [f"g{i % 3}" for i in range(len(labels))],
        "num_labels": len(names),
        "cache": LessonCache(folder),
        "seed": 1,
        "student": StudentConfig(),
        "train": train,
        "batches": lambda shape: [],
        "progress": lambda done, total: None,
        "media": Media(media or {}, (files or {}).__getitem__),
        "roll": Roll([f"case-{i}" for i in range(len(labels))], [f"row-{i + 1}" for i in range(len(labels))], names),
    }
    return Classroom(**facts | more)


def gpt2(folder: Path, places: int = 96) -> Path:
    """Write a causal language model over single bytes, so that every word has several tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate([*letters, "<end>"])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<end>", eos_token="<end>")
    fast.save_pretrained(folder)
    config = GPT2Config(
        vocab_size=257, n_positions=places, n_embd=16, n_layer=2, n_head=2, bos_token_id=256, eos_token_id=256
    )
    config.initializer_range = 0.3  # answers that differ enough to be compared
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def bert(folder: Path) -> Path:
    """Write a text encoder that reads letter by letter, with marks around each text."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    vocabulary = {piece: i for i, piece in enumerate([*marks, *letters, *(f"##{letter}" for letter in letters)])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    BertModel(BertConfig(**_SMALL, vocab_size=len(vocabulary), max_position_embeddings=32)).save_pretrained(folder)
    return folder


def roberta(folder: Path) -> Path:
    """Write a text encoder of 34 places that counts them from behind the padding's, as RoBERTa does: 32 tokens at most."""
    from transformers import RobertaConfig, RobertaModel

    bert(folder)
    config = RobertaConfig(**_SMALL, vocab_size=60, max_position_embeddings=34, pad_token_id=1, type_vocab_size=2)
    RobertaModel(config).save_pretrained(folder)
    return folder


def clip(folder: Path) -> Path:
    """Write a model of pictures and texts whose half for texts has 20 places, and whose tokenizer tells of no end."""
    from transformers import CLIPConfig, CLIPModel

    bert(folder)
    text = {**_SMALL, "vocab_size": 60, "max_position_embeddings": 20, "eos_token_id": 3, "projection_dim": 8}
    vision = {**_SMALL, "image_size": 16, "patch_size": 8, "projection_dim": 8}
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)).save_pretrained(folder)
    return folder


def sharded(folder: Path) -> Path:
    """Write the letter-by-letter text encoder in several files of weights."""
    from transformers import BertModel

    bert(folder)
    model = BertModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="8KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    return folder
