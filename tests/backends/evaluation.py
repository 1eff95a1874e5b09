"""Runs GoogleSQL statements with Google's reference evaluator, which is slow and independent of DuckDB."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as it
from google.protobuf.empty_pb2 import Empty
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

from .language import call, catalog, options, with_max_by

EVALUATED = (
    *("game_editions", "player_statuses"),
    *("team_defense_zone_analysis", "player_shot_zone_analysis", "player_composite_factors"),
    *("player_daily_cache", "ml_feature_store_v2", "prediction_evidence"),
    *("player_minutes_form", "player_market_form", "player_presence"),
)
"""Tables whose statements are evaluated (test_evaluation.py), in the order in which they are computed."""
Row = dict[str, Any]
EPOCH, MIDNIGHT = dt.date(1970, 1, 1), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def evaluate(statement: str, schemas: Mapping[str, ibis.Schema], rows: Mapping[str, list[Row]]) -> list[Row]:
    """Return the rows of a query over tables `dataset.name`; the evaluator accepts bare names only."""
    bare = {key.rpartition(".")[2]: schema for key, schema in schemas.items()}
    for key in schemas:
        dataset, _, name = key.rpartition(".")
        statement = re.sub(rf"`?{dataset}`?\.`?{name}`?(?!\w)", f"`{name}`", statement)
    prepare = service.PrepareQueryRequest(sql=with_max_by(statement), simple_catalog=catalog(bare), options=options())
    for key, stored in rows.items():
        name = key.rpartition(".")[2]
        prepare.table_content[name].CopyFrom(_content(stored, bare[name]))
    prepared = call("PrepareQuery", prepare, service.PrepareQueryResponse).prepared
    try:
        evaluation = service.EvaluateQueryRequest(prepared_query_id=prepared.prepared_query_id)
        response = call("EvaluateQuery", evaluation, service.EvaluateQueryResponse)
    finally:
        unprepare = service.UnprepareQueryRequest(prepared_query_id=prepared.prepared_query_id)
        call("UnprepareQuery", unprepare, Empty)
    return [
        {column.name: _to_python(cell, column.type) for column, cell in zip(prepared.columns, row.cell, strict=True)}
        for row in response.content.table_data.row
    ]


def _content(rows: list[Row], schema: ibis.Schema) -> service.TableContent:
    content = service.TableContent()
    content.table_data.SetInParent()
    for row in rows:
        content.table_data.row.add().cell.extend(_value(row[name], dtype) for name, dtype in schema.items())
    return content


def _value(value: Any, dtype: it.DataType) -> value_pb2.ValueProto:
    proto = value_pb2.ValueProto()
    if value is None:
        return proto
    if isinstance(dtype, it.Array):
        proto.array_value.SetInParent()
        proto.array_value.element.extend(_value(one, dtype.value_type) for one in value)
    elif isinstance(dtype, it.Boolean):
        proto.bool_value = value
    elif isinstance(dtype, it.Integer):
        proto.int64_value = value
    elif isinstance(dtype, it.Floating):
        proto.double_value = value
    elif isinstance(dtype, it.String):
        proto.string_value = value
    elif isinstance(dtype, it.Date):
        proto.date_value = (value - EPOCH).days
    elif isinstance(dtype, it.Timestamp):
        micros = (value - MIDNIGHT) // dt.timedelta(microseconds=1)
        proto.timestamp_value.seconds, proto.timestamp_value.nanos = micros // 10**6, micros % 10**6 * 1000
    else:
        raise TypeError(f"unsupported type {dtype}")
    return proto


def _to_python(value: value_pb2.ValueProto, kind: type_pb2.TypeProto) -> Any:
    field = value.WhichOneof("value")
    if field is None:
        return None
    stored = getattr(value, field)
    if field == "array_value":
        return [_to_python(one, kind.array_type.element_type) for one in stored.element]
    if field == "date_value":
        return EPOCH + dt.timedelta(days=stored)
    if field == "timestamp_value":
        return MIDNIGHT + dt.timedelta(seconds=stored.seconds, microseconds=stored.nanos // 1000)
    return stored
