"""The schemas that readers of the documents rely on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .schemas import SCHEMAS, NoSchema, schema_of


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_is_one_allows_nothing_else_and_describes_everything(path: Path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for part in _parts(schema):
        if part.get("properties"):
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])
        assert part["description"]


def test_a_document_without_a_schema_is_noticed():
    with pytest.raises(NoSchema, match=r"gossip\.json has no schema"):
        schema_of("gossip.json")


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _parts(part)
