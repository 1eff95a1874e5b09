"""Updates on every engine."""

from typing import Any

import pytest

from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import ContractBroken

from .scores import ALL_THREE, SCORES, loaded, rows, score, stored


def test_a_status_can_be_changed_without_rewriting_the_row(warehouse: Warehouse):
    loaded(warehouse)
    assert warehouse.update(SCORES, {"game_id": "m"}, {"pts": 99}) == 1
    assert stored(warehouse) == {"s": 90, "m": 99, "t": 112}


def test_an_update_may_change_several_rows_and_may_find_none(warehouse: Warehouse):
    loaded(warehouse)
    assert warehouse.update(SCORES, {"side": "home"}, {"side": "away"}) == 3
    assert warehouse.update(SCORES, {"game_id": "nowhere"}, {"pts": 1}) == 0


@pytest.mark.parametrize("values", [{"pts": 300}, {"side": "nowhere"}, {"game_id": None}])
def test_an_update_that_breaks_the_contract_changes_nothing(warehouse: Warehouse, values: dict[str, Any]):
    loaded(warehouse)
    with pytest.raises(ContractBroken):
        warehouse.update(SCORES, {"game_id": "m"}, values)
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_an_update_of_an_unknown_column_names_it(warehouse: Warehouse):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match="points"):
        warehouse.update(SCORES, {"game_id": "m"}, {"points": 1})


def test_a_quote_in_a_value_does_not_end_the_statement(warehouse: Warehouse):
    """Values are passed as parameters."""
    odd = "m'; DROP TABLE nba_raw.scores; --"
    loaded(warehouse).append(SCORES, ALL_THREE, rows(score(odd)))
    assert warehouse.update(SCORES, {"game_id": odd}, {"pts": 3}) == 1
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112, odd: 3}
