import numpy as np

from engine.train.sampler import Sampler


def test_sampler_when_a_pass_ends_then_every_row_of_it_came_once() -> None:
    sampler = Sampler(count=24, batch=6, seed=5)
    rows = np.concatenate([sampler.rows(step) for step in range(sampler.steps_per_epoch)])
    assert sorted(rows.tolist()) == list(range(24))


def test_sampler_when_asked_for_a_later_step_first_then_answers_the_same() -> None:
    forward = [Sampler(30, 7, 1).rows(step).tolist() for step in range(12)]
    backward = [Sampler(30, 7, 1).rows(step).tolist() for step in reversed(range(12))]
    assert forward == backward[::-1]


def test_sampler_when_pass_or_seed_changes_then_order_changes() -> None:
    sampler = Sampler(64, 64, 1)
    assert sampler.rows(0).tolist() != sampler.rows(1).tolist()
    assert sampler.rows(0).tolist() != Sampler(64, 64, 2).rows(0).tolist()


def test_sampler_when_rows_do_not_fill_a_batch_then_there_is_still_a_step() -> None:
    assert Sampler(3, 8, 1).steps_per_epoch == 1
    assert sorted(Sampler(3, 8, 1).rows(0).tolist()) == [0, 1, 2]
