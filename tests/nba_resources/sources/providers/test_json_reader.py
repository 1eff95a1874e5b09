import datetime as dt
import json
from typing import Any

import pytest

from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.json_reader import JsonValue
from nba_resources.sources.providers.provider import LandedResponse, Request


def json_value(value: Any) -> JsonValue:
    request = Request("nba_com", "boxscore", "http://unused", "2025-01-15")
    body = json.dumps({"points": value}).encode()
    return JsonValue.parse(
        LandedResponse(request, dt.datetime(2025, 1, 15, tzinfo=dt.UTC), body, "", "landing/box.gz")
    )["points"]


@pytest.mark.parametrize(("written", "expected"), [(31, 31), ("31", 31), (-4, -4), ("-4", -4), ("007", 7)])
def test_a_whole_number_may_be_written_as_text(written: int | str, expected: int):
    assert json_value(written).integer() == expected


@pytest.mark.parametrize("written", ["--5", "5-", "²", "", " ", None, True, 1.5, "1.0", [3]])
def test_an_invalid_whole_number_is_refused_with_its_path(written: Any):
    with pytest.raises(BadInput, match=r"nba_com boxscore .* landing/box.gz: field points: .* a whole number"):
        json_value(written).integer()
