import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accord.rooms.team.models import ApiKey


@dataclass
class Answered:
    status: int
    body: Any
    headers: Any


class Api:
    """A machine with a key."""

    def __init__(self, secret: str | None) -> None:
        # Strict, as nobody's cookie is at work here.
        self.client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {secret}"} if secret else {})

    def call(self, method: str, path: str, said: Any = None, **headers: str) -> Answered:
        body = said if isinstance(said, bytes | str) else b"" if said is None else json.dumps(said)
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(method, f"/api{path}", body, content_type="application/json", headers=asked)
        return Answered(
            response.status_code, json.loads(response.content) if response.content else None, response.headers
        )

    def get(self, path: str, **headers: str) -> Answered:
        return self.call("GET", path, **headers)

    def post(self, path: str, said: Any = None, **headers: str) -> Answered:
        return self.call("POST", path, said, **headers)

    def patch(self, path: str, said: Any = None, **headers: str) -> Answered:
        return self.call("PATCH", path, said, **headers)

    def delete(self, path: str, **headers: str) -> Answered:
        return self.call("DELETE", path, **headers)


@pytest.fixture
def key(cast, still) -> Callable[..., Api]:
    """A machine whose key has that role."""

    def made(role: str = "admin", scope: str = "api") -> Api:
        _key, secret = ApiKey.make(name=f"{role} machine", scope=scope, role=role, by=cast.ada, at=still)
        return Api(secret)

    return made


@pytest.fixture
def api(key) -> Api:
    return key("admin")
