"""Reading several at a time: the order of the items, at most so many ahead, and errors at their place."""

import threading
from collections.abc import Iterator

import pytest

from engine.store.reading import in_order


def test_in_order_when_later_items_are_ready_first_then_still_gives_them_in_order() -> None:
    second_is_done = threading.Event()

    def read(item: int) -> int:
        if item == 0:
            assert second_is_done.wait(10), "the second item was not read beside the first"
        if item == 1:
            second_is_done.set()
        return item * 10

    assert list(in_order(read, range(100))) == [item * 10 for item in range(100)]


def test_in_order_when_one_item_fails_then_those_before_it_come_and_its_error_is_raised() -> None:
    def read(item: int) -> int:
        if item == 5:
            raise ValueError("damaged")
        return item

    reading = in_order(read, range(10))
    assert [next(reading) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="damaged"):
        next(reading)


def test_in_order_when_nobody_takes_more_then_only_so_many_are_read_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    reading = in_order(lambda item: item, items())
    assert next(reading) == 0
    assert len(taken) < 100
    reading.close()
