"""What a run is made of: the configuration that the API, the form, the command line and the file all share."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationError

from engine.schema.base import Config
from engine.schema.errors import UserError

Setting = str | int | float | bool


class Choice(Config):
    """A named entry of a registry with its own settings; the catalog says what may stand here."""

    name: str
    settings: dict[str, Setting] = {}


SIZES: Mapping[str, Mapping[str, str]] = {
    "S": {"width": "64", "layers": "2", "experts": "8", "hidden": "64"},
    "M": {"width": "96", "layers": "2", "experts": "8", "hidden": "96"},
    "L": {"width": "192", "layers": "3", "experts": "16", "hidden": "192"},
}
"""What `student.size` sets at once."""


class StudentConfig(Config):
    """The small council: encoders, a shared sparse trunk, fusion, head."""

    size: Literal["S", "M", "L", "own"] = Field(
        "M",
        description="Small, middle or large: sets width, layers, experts and their width, not how many experts work on a token; "
        "single settings go before it. `own` is a shape of the recipe's own, and sets nothing.",
    )
    width: int = Field(96, ge=16, le=1024, multiple_of=8, description="D, the width of every token.")
    layers: int = Field(
        2,
        ge=0,
        le=12,
        description="Trunk blocks; each holds one sparse layer of experts. At 0 there are no experts at all.",
    )
    heads: int = Field(4, ge=1, le=16, description="Attention heads of a block.")
    experts: int = Field(8, ge=1, le=256, description="E, the experts of one sparse layer.")
    hidden: int = Field(96, ge=8, le=4096, description="Hidden width of one expert.")
    shared: int = Field(
        0,
        ge=0,
        le=4096,
        description="Hidden width of an expert that works on every token, beside the chosen ones; 0: none.",
    )
    bypass: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of a token that goes around the experts of the last layer; at 0 the answer is theirs alone.",
    )
    text: Choice = Field(Choice(name="learned"), description="What reads the texts.")
    image: Choice = Field(Choice(name="learned"), description="What sees the pictures.")
    audio: Choice = Field(Choice(name="learned"), description="What hears the sounds.")
    router: Choice = Field(Choice(name="token-choice"), description="How tokens find their experts.")
    fusion: Choice = Field(Choice(name="attention"), description="How the modalities are joined.")
    head: Literal["joint", "linear"] = Field(
        "joint",
        description="`joint` bends the fused vector and lets each input speak straight to the answers beside it; `linear` is one "
        "linear map of the fused vector.",
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout in the trunk and the head.")
    image_size: int = Field(
        0, ge=0, le=512, description="Side in pixels the pictures are scaled to; 0 takes it from the training pictures."
    )
    audio_seconds: float = Field(
        0, ge=0, le=60, description="Longest sound that is read; 0 takes it from the training recordings."
    )
    text_tokens: int = Field(64, ge=8, le=1024, description="Longest text in tokens.")


Curve = Literal["constant", "linear-up", "linear-down", "cosine"]
"""How a weight goes over a run: as it is, from 0 up to it, from it down to 0, or down along half a cosine."""


class LossCurves(Config):
    """How the weight of each part of the error goes over the run; what is constant is not told apart."""

    hard: Curve = Field("constant", description="Over the run, the weight of the true answer.")
    ordinal: Curve = Field("constant", description="Over the run, the weight of the order of answers.")
    distil: Curve = Field("constant", description="Over the run, the weight of the teachers' answers.")
    hidden: Curve = Field("constant", description="Over the run, the weight of the teachers' hidden vectors.")
    relation_distance: Curve = Field("constant", description="Over the run, the weight of the teachers' distances.")
    relation_angle: Curve = Field("constant", description="Over the run, the weight of the teachers' angles.")
    attention: Curve = Field("constant", description="Over the run, the weight of the teachers' attention.")
    balance: Curve = Field("constant", description="Over the run, the weight of the balance.")
    importance: Curve = Field("constant", description="Over the run, the weight of even importance.")
    load: Curve = Field("constant", description="Over the run, the weight of even load.")
    local_entropy: Curve = Field("constant", description="Over the run, the weight of resolute tokens.")
    global_entropy: Curve = Field("constant", description="Over the run, the weight of the use of several experts.")
    modality_entropy: Curve = Field("constant", description="Over the run, the weight of experts for kinds of input.")
    router_z: Curve = Field("constant", description="Over the run, the weight of the z-loss.")
    auxiliary: Curve = Field("constant", description="Over the run, the weight of answers from one modality.")
    consistency: Curve = Field("constant", description="Over the run, the weight of the agreement.")
    contrast: Curve = Field("constant", description="Over the run, the weight of the contrast.")
    more_not_worse: Curve = Field("constant", description="Over the run, the weight of `more is not worse`.")


class LossConfig(Config):
    """Weights of the parts of the error; each part is logged apart."""

    hard: float = Field(1.0, ge=0, description="Cross-entropy with the true answer.")
    binary: bool = Field(
        False,
        description="Each answer by itself is right or wrong: binary instead of softmax cross-entropy with the truth.",
    )
    class_weight: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Weight of rare answers: 0 as they come, 1 as if all answers were equally frequent.",
    )
    ordinal: float = Field(
        0.0,
        ge=0,
        description="For answers that have an order, that of the labels: how far off a wrong answer is counts.",
    )
    distil: float = Field(1.0, ge=0, description="T^2 KL to the teachers' answers.")
    temperature: float = Field(2.0, gt=0, le=20, description="T of the distillation.")
    hidden: float = Field(0.5, ge=0, description="Match of the teachers' hidden vectors through a linear adaptor.")
    balance: float = Field(
        0.01,
        ge=0,
        description="Load balancing of the experts (Switch); told as 1 for even, up to the number of experts.",
    )
    balance_pooled: bool = Field(
        False,
        description="Whether load and importance are evened out over all tokens together, instead of within each kind of input.",
    )
    importance: float = Field(0.0, ge=0, description="Even importance of the experts: the weights they are given.")
    load: float = Field(
        0.0, ge=0, description="Even load of the experts as chance would have it; only with the router `noisy-top-k`."
    )
    local_entropy: float = Field(0.0, ge=0, description="Each token knows which experts it wants (LIMoE).")
    global_entropy: float = Field(0.0, ge=0, description="Each kind of input uses several experts (LIMoE).")
    global_experts: float = Field(
        3.0, ge=1, le=256, description="How many experts a kind of input shall use at least, as much as if evenly."
    )
    modality_entropy: float = Field(0.0, ge=0, description="Each kind of input finds experts of its own (FuseMoE).")
    router_z: float = Field(1e-3, ge=0, description="Router z-loss: keeps the router's logits small.")
    auxiliary: float = Field(0.3, ge=0, description="Answers from one modality alone.")
    consistency: float = Field(0.0, ge=0, description="Agreement of the modalities' own answers.")
    relation_distance: float = Field(
        0.0, ge=0, description="Cases lie as far from one another as in the teachers' hidden vectors."
    )
    relation_angle: float = Field(
        0.0, ge=0, description="Cases lie at the same angles to one another as in the teachers' hidden vectors."
    )
    attention: float = Field(
        0.0, ge=0, description="The student looks where the teachers look: between inputs, in pictures and in sounds."
    )
    contrast: float = Field(
        0.0, ge=0, description="Inputs of the same case find each other among those of a batch (InfoNCE)."
    )
    contrast_temperature: float = Field(0.07, gt=0, le=1, description="Temperature the contrast starts from.")
    contrast_learned: bool = Field(True, description="Whether the temperature of the contrast is learned.")
    more_not_worse: float = Field(
        0.0, ge=0, description="An answer from more inputs may not be worse than from fewer; costs a second pass."
    )
    over_time: LossCurves = LossCurves()


class OptimConfig(Config):
    """How the weights are moved."""

    epochs: int = Field(
        30, ge=1, le=1000, description="Most passes over the training cases; early stopping may take fewer."
    )
    batch: int = Field(64, ge=2, le=4096, description="Cases a step.")
    learning_rate: float = Field(2e-3, gt=0, le=1, description="Peak learning rate.")
    weight_decay: float = Field(0.05, ge=0, le=1, description="Decoupled weight decay.")
    warmup: float = Field(0.1, ge=0, le=1, description="Share of the steps that warm up.")
    warmup_steps: int = Field(0, ge=0, le=100_000, description="Steps that warm up; 0 takes the share.")
    clip: float = Field(1.0, gt=0, description="Largest norm of the gradient.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Label smoothing of the hard loss.")
    average: float = Field(
        0.99,
        ge=0,
        lt=1,
        description="Decay of the running average of the weights, which is what is kept; 0 turns it off.",
    )
    together: float = Field(
        0.0, ge=0, lt=1, description="Share of the run in which a layer's experts learn as one, before they part."
    )
    modality_dropout: float = Field(0.2, ge=0, lt=1, description="Chance that a present modality is hidden, per case.")
    augment: float = Field(1.0, ge=0, le=2, description="Strength of augmentation; 0 turns it off.")
    flip: bool = Field(False, description="Whether pictures may be mirrored: only where left and right mean the same.")


class KnowledgeConfig(Config):
    """What of the data set's knowledge file enters the run; without a version, nothing does."""

    version: str = Field(
        "", max_length=64, description="Version of the knowledge file, or `latest`; empty trains without it."
    )
    descriptions: bool = Field(True, description="Whether texts are compared with the labels' descriptions.")
    rules: bool = Field(True, description="Whether the rules speak for and against answers.")
    specialists: bool = Field(True, description="Whether the named specialists become experts.")
    alone: float = Field(1.0, ge=0, le=10, description="Weight of the file's own answer, which keeps its trust honest.")
    silence: float = Field(
        0.25, ge=0, lt=1, description="Chance that the file is silent on a case, so that the rest learns to do without."
    )
    finding: float = Field(
        0.3, ge=0, le=10, description="Weight of finding what pictures and sounds are labelled with."
    )
    naming: float = Field(
        0.3, ge=0, le=10, description="Weight of sending cases to their specialist; falls to 0 over the run."
    )


class RunConfig(Config):
    """One training run, whole: a pure function of this, the cases and the seed."""

    recipe: str = Field(description="The recipe it was made from.")
    name: str = Field("", max_length=80, description="What people call the run.")
    dataset: str = Field("", description="The data set to learn from; empty takes the newest.")
    seed: int = Field(1, ge=0, description="Seed of everything random.")
    student: StudentConfig = StudentConfig()
    teachers: tuple[Choice, ...] = Field((), description="The teachers, each an entry of the catalog.")
    loss: LossConfig = LossConfig()
    optim: OptimConfig = OptimConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    folds: int = Field(4, ge=2, le=20, description="Inner folds by group for early stopping and calibration.")
    parts: int = Field(
        1,
        ge=1,
        le=10,
        description="Parts in which students leave a fold out, one at a time; teachers leave it out whole.",
    )
    start_from: str = Field("", description="Model id to start from; `latest` takes the newest distilled one.")
    upcycle: bool = Field(
        False, description="Make the experts from the dense model it starts from, each a copy of its one network."
    )
    upcycle_noise: float = Field(
        0.01, ge=0, le=1, description="Noise that sets the copies apart, as a share of the weights' deviation."
    )
    then: str = Field("", description="Recipe of the run that follows on its own, started from this one's model.")
    device: str = Field("auto", description="`auto`, `cpu` or `cuda`.")
    threads: int = Field(
        0, ge=0, le=256, description="CPU threads; 0 takes all cores, one fewer while a window watches."
    )
    controls: bool = Field(
        False,
        description="Also train the same student without teachers and a dense one of the same cost, for the ledger; "
        "takes about twice the time.",
    )
    alpha: float = Field(0.1, gt=0, lt=0.5, description="Conformal sets hold the truth in 1 - alpha of cases.")
    pinned: tuple[str, ...] = Field(
        (), description="Case ids that are predicted live at each evaluation; empty takes eight."
    )


def choice_keys(choices: Sequence[Choice]) -> tuple[str, ...]:
    """Return what each choice of a list is called: its name, with `-2` and so on where the same one stands there again."""
    return _numbered([choice.name for choice in choices])


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    earlier = [names[:place].count(name) for place, name in enumerate(names)]
    return tuple(f"{name}-{count + 1}" if count else name for name, count in zip(names, earlier, strict=True))


def apply_settings(config: RunConfig, settings: Mapping[str, str]) -> RunConfig:
    """Return `config` with dotted settings applied, as `--set` and the form send them; raises `bad-setting` naming every fault.

    `optim.epochs=5` sets a field; `student.router=token-choice` names a choice and `student.router.experts_per_token=1` sets one
    of its own settings; `student.size=L` sets several fields at once, which the others then change; `teachers=pretrained-text,fusion` and `pinned=a,b` are lists, `teachers.fusion.epochs=9` reaches into one.
    """
    data = config.model_dump()
    of_size = SIZES.get(settings.get("student.size", ""), {})
    every = {**{f"student.{name}": value for name, value in of_size.items()}, **settings}
    for key, value in sorted(
        every.items(), key=lambda one: one[0].count(".")
    ):  # a name before the settings of what it names
        _set(data, key.split("."), key, value)
    try:
        return type(config).model_validate(data)
    except ValidationError as error:
        faults = error.errors()
        key = ".".join(str(part) for part in faults[0]["loc"])
        detail = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise UserError("bad-setting", key=key, value=str(faults[0]["input"]), detail=detail) from None


def _set(data: dict[str, Any], path: list[str], key: str, value: str) -> None:
    """Put `value` at `path` of nested settings; a list is named by commas, a choice by its name."""
    first, rest = path[0], path[1:]
    if first not in data:
        raise UserError(
            "bad-setting", key=key, value=value, detail=f"there is no setting {key}; known are {', '.join(data)}"
        )
    held = data[first]
    if isinstance(held, (tuple, list)):
        data[first] = _set_list(first, list(held), rest, key, value)
    elif isinstance(held, dict) and "name" in held and "settings" in held:
        data[first] = _set_choice(held, rest, value)
    elif isinstance(held, dict):
        if not rest:
            raise UserError("bad-setting", key=key, value=value, detail=f"name one of {', '.join(held)}")
        _set(held, rest, key, value)
    elif rest:
        raise UserError("bad-setting", key=key, value=value, detail=f"{first} holds no further settings")
    else:
        data[first] = value


def _set_choice(choice: dict[str, Any], rest: list[str], value: str) -> dict[str, Any]:
    if not rest:
        return {"name": value, "settings": choice["settings"] if choice["name"] == value else {}}
    return {"name": choice["name"], "settings": choice["settings"] | {".".join(rest): _scalar(value)}}


def _set_list(name: str, held: list[Any], rest: list[str], key: str, value: str) -> list[Any]:
    """Return a list of choices or of plain names with the setting applied."""
    if not rest:
        names = [part.strip() for part in value.split(",") if part.strip()]
        if name != "teachers":
            return names
        kept = dict(zip(_numbered([choice["name"] for choice in held]), held, strict=True))
        wanted = zip(names, _numbered(names), strict=True)
        return [kept.get(key, {"name": part, "settings": {}}) for part, key in wanted]
    keys = _numbered([choice["name"] if isinstance(choice, dict) else choice for choice in held])
    for place, (choice, known) in enumerate(zip(held, keys, strict=True)):
        if isinstance(choice, dict) and known == rest[0] and rest[1:]:
            held[place] = _set_choice(choice, rest[1:], value)
            return held
    raise UserError("bad-setting", key=key, value=value, detail=f"{name} has no entry {rest[0]}")


def _scalar(text: str) -> Setting:
    """Return a setting of a choice as the plain value it reads as; its own configuration checks it later."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
