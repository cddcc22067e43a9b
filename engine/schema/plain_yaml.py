"""Plain YAML from people: no aliases, no deep nesting, no foreign types, and each part knows the line it stands on."""

from typing import Any

import yaml

_DEPTH_LIMIT = 20


class PlainLoader(yaml.SafeLoader):
    """A safe loader that also refuses aliases, which can make a small file expand without end, and deep nesting."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node, unless it is an alias or lies too deep."""
        if self.check_event(yaml.AliasEvent) or self.depth > _DEPTH_LIMIT:
            raise yaml.YAMLError("aliases and deep nesting are not read")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(text: str) -> yaml.Node | None:
    """Return the file as nodes that know their lines, None where it is empty; raises `yaml.YAMLError`."""
    loader = PlainLoader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def line_of(node: yaml.Node) -> int:
    """Return the line a node begins on, from 1."""
    return int(node.start_mark.line) + 1
