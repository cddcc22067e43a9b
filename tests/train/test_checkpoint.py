from pathlib import Path

import pytest
import torch
from torch import nn

from engine.schema.config import StudentConfig
from engine.train.checkpoint import KEPT, load_resume, load_weights, save_rest, save_weights
from engine.train.optimizer import build_optimizer, pack_state, unpack_state

WEIGHTS = {"a": torch.arange(4.0), "b": torch.ones(2, 2)}


def _facts(step: int) -> dict[str, object]:
    return {"stage": "fold-1", "step": step, "epoch": step, "student": StudentConfig(), "labels": 3}


def _keep(run: Path, step: int) -> str:
    name, sha256 = save_weights(run, _facts(step), WEIGHTS)
    save_rest(
        run, "fold-1", {"step": step, "epoch": step, "checkpoint": name, "weights": sha256}, {"x": torch.ones(step)}
    )
    return name


def test_checkpoint_when_read_back_then_is_what_was_written(tmp_path: Path) -> None:
    facts, weights = load_weights(tmp_path, _keep(tmp_path, 3))
    assert (facts.stage, facts.step, facts.labels) == ("fold-1", 3, 3)
    assert all(torch.equal(weights[name], tensor) for name, tensor in WEIGHTS.items())


def test_checkpoint_when_a_byte_changes_then_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints" / f"{_keep(tmp_path, 3)}.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ValueError, match="not what was written"):
        load_weights(tmp_path, file.stem)
    assert load_resume(tmp_path, "fold-1") is None


def test_resume_when_a_kill_hit_between_two_files_then_goes_on_from_the_last_whole_one(tmp_path: Path) -> None:
    _keep(tmp_path, 2)
    save_weights(tmp_path, _facts(4), WEIGHTS)  # killed here: the rest of step 4 was never written
    found = load_resume(tmp_path, "fold-1")
    assert found is not None
    assert found[0].step == 2
    assert found[2]["x"].shape == (2,)


def test_resume_when_nothing_was_written_then_there_is_nothing(tmp_path: Path) -> None:
    assert load_resume(tmp_path, "fold-1") is None


def test_checkpoints_when_many_are_written_then_only_the_newest_stay(tmp_path: Path) -> None:
    for step in range(1, KEPT + 4):
        _keep(tmp_path, step)
    left = sorted(path.stem for path in (tmp_path / "checkpoints").glob("*.safetensors"))
    assert left == [f"fold-1-{step:06d}" for step in range(4, KEPT + 4)]
    assert len(list((tmp_path / "stages" / "fold-1").glob("*.safetensors"))) == 1


def test_optimizer_when_packed_and_unpacked_then_goes_on_bit_for_bit() -> None:
    def steps(model: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            model(torch.ones(2, 3)).square().sum().backward()
            optimizer.step()

    torch.manual_seed(0)
    whole, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    optimizer = build_optimizer(whole.named_parameters(), 0.1, 0.01)
    steps(whole, optimizer, 3)
    state, weights = pack_state(optimizer), {name: tensor.clone() for name, tensor in whole.state_dict().items()}
    twin.load_state_dict(weights)
    other = build_optimizer(twin.named_parameters(), 0.1, 0.01)
    unpack_state(other, state)
    steps(whole, optimizer, 3)
    steps(twin, other, 3)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), twin.parameters(), strict=True))


def test_optimizer_when_given_the_state_of_other_parameters_then_refuses_it() -> None:
    one, other = nn.Linear(3, 2), nn.Linear(2, 3)
    optimizer = build_optimizer(one.named_parameters(), 0.1, 0.01)
    one(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    with pytest.raises(ValueError, match=r"\(2, 3\) for a parameter of \(3, 2\)"):
        unpack_state(build_optimizer(other.named_parameters(), 0.1, 0.01), pack_state(optimizer))
