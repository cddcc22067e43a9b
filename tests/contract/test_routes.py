"""The table of routes is the API: the guard lets through what it lists, and the application serves exactly that."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.schema.base import Message
from engine.service.app import build_api
from engine.service.core import Service
from engine.service.table import ROUTES, Route
from engine.store.project import ProjectFolder

_STREAMS = {"/v1/events"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    service = Service(ProjectFolder(tmp_path_factory.mktemp("contract") / "project"))
    yield build_api(service).openapi()
    service.database.close()


def test_routes_when_compared_with_the_application_are_the_same(served: dict[str, Any]) -> None:
    operations = {(method.upper(), path) for path, methods in served["paths"].items() for method in methods}
    assert operations == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_route_when_compared_with_the_application_takes_and_answers_the_same_messages(
    served: dict[str, Any], route: Route
) -> None:
    operation = served["paths"][route.path][route.method.lower()]
    if route.takes is not bytes:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        assert body.get("$ref", "").rpartition("/")[2] == (route.takes.__name__ if route.takes else "")
    if isinstance(route.answers, type) and issubclass(route.answers, Message) and route.path not in _STREAMS:
        reply = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert reply["$ref"].rpartition("/")[2] == route.answers.__name__


def test_operation_when_it_has_parameters_bounds_every_one_of_them(served: dict[str, Any]) -> None:
    for path, methods in served["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                bounded = {"pattern", "maxLength", "enum", "minimum"} & schema.keys() or schema["type"] == "boolean"
                assert bounded, (path, parameter["name"])
