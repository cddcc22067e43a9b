"""Experts that learn as one: the same to the bit until they part, moved as one network would be, and each for itself afterwards."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing
from engine.schema.case import Case
from engine.schema.config import LossConfig, OptimConfig
from engine.train.together import Together, alike
from tests.train.runs import FolderWithOrders, PowerCut, events, make_run, tiny_config

OPTIM = OptimConfig(epochs=3, batch=16, together=0.5)


class _Layer(torch.nn.Module):
    def __init__(self, experts: int) -> None:
        super().__init__()
        self.experts = Experts(experts, 8, 16)


def _moved(experts: int, experts_T1: torch.Tensor, steps: int = 3) -> tuple[_Layer, torch.Tensor]:
    """Return a layer after a few steps of AdamW in which its experts learn as one, and the last norm of its gradient."""
    layer = _Layer(experts)
    with torch.no_grad():
        for stack_EXX in layer.parameters():
            alike_1XX = torch.randn(1, *stack_EXX.shape[1:], generator=torch.Generator().manual_seed(7))
            stack_EXX[0] = alike_1XX[0]
    together = Together(layer, steps)
    together.begin()
    optimizer = torch.optim.AdamW(layer.parameters(), lr=1e-2)
    routing = Routing(torch.ones(len(experts_T1), 1), experts_T1, torch.zeros(len(experts_T1), experts))
    norm = torch.zeros(())
    for step in range(steps):
        x_TD = torch.randn(len(experts_T1), 8, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        layer.experts(x_TD, routing).square().mean().backward()
        together.pool(step)
        norm = torch.nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
    return layer, norm


def test_experts_when_they_learn_as_one_then_move_as_one_dense_network_does_wherever_tokens_go() -> None:
    four, norm = _moved(4, torch.randint(4, (40, 1), generator=torch.Generator().manual_seed(1)))
    one, norm_of_one = _moved(1, torch.zeros(40, 1, dtype=torch.long))
    assert torch.allclose(norm, norm_of_one, rtol=1e-4)
    assert alike(four)
    assert not alike(one)  # a single expert is like nobody
    for stack_EXX, alone_1XX in zip(four.parameters(), one.parameters(), strict=True):
        assert torch.equal(stack_EXX, stack_EXX[:1].expand_as(stack_EXX))
        assert torch.allclose(stack_EXX[:1], alone_1XX, atol=1e-5)


def test_experts_when_they_have_parted_then_each_learns_from_its_own_tokens_only() -> None:
    layer = _Layer(4)
    together = Together(layer, 1)
    together.begin()
    experts_T1 = torch.tensor([[0], [0], [2]])
    layer.experts(torch.randn(3, 8), Routing(torch.ones(3, 1), experts_T1, torch.zeros(3, 4))).sum().backward()
    together.pool(1)
    grad_EHD = layer.experts.back_EHD.grad
    assert grad_EHD is not None
    assert [bool(one.abs().sum()) for one in grad_EHD] == [True, False, True, False]


def test_experts_when_nothing_is_to_be_learned_as_one_then_are_left_alone() -> None:
    layer = _Layer(4)
    before = layer.experts.back_EHD.clone()
    Together(layer, 0).begin()
    assert torch.equal(layer.experts.back_EHD, before)


def _sha(run: Path) -> str:
    return hashlib.sha256((run / "final" / "model.safetensors").read_bytes()).hexdigest()


def test_run_when_its_experts_learn_as_one_for_a_while_then_they_part_and_it_resumes_to_the_bit(
    project: Path, cases: list[Case]
) -> None:
    whole = make_run(project, "together-whole", cases, tiny_config(optim=OPTIM))
    train(RunFolder(whole))
    weights = load_file(whole / "final" / "model.safetensors")
    stacks = [weights[name] for name in weights if name.endswith("back_EHD")]
    assert stacks
    assert all(not torch.allclose(stack[0], stack[1], atol=1e-4) for stack in stacks)
    cut = make_run(project, "together-cut", cases, tiny_config(optim=OPTIM))
    with pytest.raises(PowerCut):
        train(FolderWithOrders(cut, "cut", "fold-2", 2))
    train(RunFolder(cut))
    assert _sha(cut) == _sha(whole)


@pytest.mark.parametrize(("after", "said"), [(1, True), (6, False)])
def test_run_when_stopped_to_keep_then_its_model_says_whether_its_experts_have_parted(
    project: Path, cases: list[Case], after: int, said: bool
) -> None:
    run = make_run(project, f"together-kept-{after}", cases, tiny_config(teachers=(), optim=OPTIM))
    train(FolderWithOrders(run, "stop-and-keep", "fold-1", after))
    summary = load_council(run / "final").summary
    assert summary is not None
    assert summary.alike is said
    assert ("have not parted" in (run / "final" / "README.md").read_text(encoding="utf-8")) is said


def test_dense_teacher_when_only_what_several_experts_feel_changes_then_is_not_trained_again(
    project: Path, cases: list[Case]
) -> None:
    taught = []
    for name, balance, together in (("felt-first", 0.01, 0.5), ("felt-again", 0.03, 0.2)):
        optim = OPTIM.model_copy(update={"together": together})
        # A seed that no other test trains with, whose lessons would be found.
        run = make_run(project, name, cases, tiny_config(seed=41, loss=LossConfig(balance=balance), optim=optim))
        train(RunFolder(run))
        taught.append({one["stage"] for one in events(run, "metrics") if one["stage"].startswith("teacher")})
    assert taught == [{"teacher-1", "teacher-2"}, set()]


def test_dense_network_when_balanced_otherwise_then_becomes_the_same_to_the_bit(
    project: Path, cases: list[Case]
) -> None:
    shas = []
    for name, balance, together in (("alone-a", 0.01, 0.0), ("alone-b", 0.5, 0.5)):
        student = tiny_config().student.model_copy(update={"experts": 1})
        student = student.model_copy(
            update={"router": student.router.model_copy(update={"settings": {"experts_per_token": 1}})}
        )
        optim = OptimConfig(epochs=2, batch=16, together=together)
        run = make_run(project, name, cases, tiny_config(student=student, teachers=(), loss=LossConfig(balance=balance), optim=optim))  # fmt: skip
        train(RunFolder(run))
        shas.append(_sha(run))
    assert shas[0] == shas[1]
