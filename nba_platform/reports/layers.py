"""The state of each layer of tables on each date."""

import datetime as dt
from collections.abc import Iterable, Mapping

from nba_assets.kit.calendar import State
from nba_assets.kit.expected_rows import ExpectedRows
from nba_checks.completeness.date_state import DateState
from nba_checks.framework.counts import CountedTables

LAYERS = ("reference", "raw", "analytics", "precompute", "predictions")
WORST_FIRST = (State.MISSING, State.PARTIAL, State.NOT_DUE, State.COMPLETE, State.BOOTSTRAP, State.NO_GAMES)
Layers = Mapping[str, Mapping[dt.date, State]]


def by_layer(states: Iterable[DateState], tables: CountedTables) -> Layers:
    """Return the state of each layer's worst table, in order; tables that hold rows as delivered do not count."""
    layer_of = {
        table.key: table.layer for table in tables.values() if table.expected_rows is not ExpectedRows.AS_DELIVERED
    }
    layers: dict[str, dict[dt.date, State]] = {}
    for state in states:
        if layer := layer_of.get(state.table):
            dates = layers.setdefault(layer, {})
            dates[state.date] = min(dates.get(state.date, state.state), state.state, key=WORST_FIRST.index)
    return {layer: layers[layer] for layer in LAYERS if layer in layers}
