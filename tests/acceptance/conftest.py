"""Keep the long checks out of a plain `pytest`: they run only when their folder is named."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out unless the command line names their folder."""
    if any("acceptance" in argument for argument in config.args):
        return
    mine = [item for item in items if HERE in item.path.parents]
    items[:] = [item for item in items if item not in mine]
    config.hook.pytest_deselected(items=mine)
