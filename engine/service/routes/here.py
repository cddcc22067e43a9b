"""How a route gets at the service it belongs to, and the checked forms of ids in paths."""

from typing import Annotated

from fastapi import Depends, Path, Request

from engine.schema.base import Identifier, Sha256
from engine.service.core import Service


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Here = Annotated[Service, Depends(_service)]
Id = Annotated[Identifier, Path()]
Hash = Annotated[Sha256, Path()]
