"""What a GoogleSQL statement answers, worked out by Google's reference evaluator: slow, small, and not DuckDB."""

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

Row = dict[str, Any]
EPOCH, MIDNIGHT = dt.date(1970, 1, 1), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def evaluate(statement: str, schemas: Mapping[str, ibis.Schema], rows: Mapping[str, list[Row]]) -> list[Row]:
    """The rows of a query over tables `dataset.name`; the evaluator knows them by their bare names only."""
    bare = {key.rpartition(".")[2]: schema for key, schema in schemas.items()}
    for key in schemas:
        dataset, _, name = key.rpartition(".")
        statement = re.sub(rf"`?{dataset}`?\.`?{name}`?(?!\w)", f"`{name}`", statement)
    question = service.PrepareQueryRequest(sql=with_max_by(statement), simple_catalog=catalog(bare), options=options())
    for key, found in rows.items():
        name = key.rpartition(".")[2]
        question.table_content[name].CopyFrom(_content(found, bare[name]))
    prepared = call("PrepareQuery", question, service.PrepareQueryResponse).prepared
    try:
        asked = service.EvaluateQueryRequest(prepared_query_id=prepared.prepared_query_id)
        answer = call("EvaluateQuery", asked, service.EvaluateQueryResponse)
    finally:
        done = service.UnprepareQueryRequest(prepared_query_id=prepared.prepared_query_id)
        call("UnprepareQuery", done, Empty)
    return [
        {column.name: _plain(cell, column.type) for column, cell in zip(prepared.columns, row.cell, strict=True)}
        for row in answer.content.table_data.row
    ]


def _content(rows: list[Row], schema: ibis.Schema) -> service.TableContent:
    content = service.TableContent()
    content.table_data.SetInParent()
    for row in rows:
        content.table_data.row.add().cell.extend(_value(row[name], dtype) for name, dtype in schema.items())
    return content


def _value(value: Any, dtype: it.DataType) -> value_pb2.ValueProto:
    told = value_pb2.ValueProto()
    if value is None:
        return told
    if isinstance(dtype, it.Array):
        told.array_value.SetInParent()
        told.array_value.element.extend(_value(one, dtype.value_type) for one in value)
    elif isinstance(dtype, it.Boolean):
        told.bool_value = value
    elif isinstance(dtype, it.Integer):
        told.int64_value = value
    elif isinstance(dtype, it.Floating):
        told.double_value = value
    elif isinstance(dtype, it.String):
        told.string_value = value
    elif isinstance(dtype, it.Date):
        told.date_value = (value - EPOCH).days
    elif isinstance(dtype, it.Timestamp):
        micros = (value - MIDNIGHT) // dt.timedelta(microseconds=1)
        told.timestamp_value.seconds, told.timestamp_value.nanos = micros // 10**6, micros % 10**6 * 1000
    else:
        raise TypeError(f"a {dtype} has no place in a GoogleSQL table here")
    return told


def _plain(value: value_pb2.ValueProto, kind: type_pb2.TypeProto) -> Any:
    which = value.WhichOneof("value")
    if which is None:
        return None
    found = getattr(value, which)
    if which == "array_value":
        return [_plain(one, kind.array_type.element_type) for one in found.element]
    if which == "date_value":
        return EPOCH + dt.timedelta(days=found)
    if which == "timestamp_value":
        return MIDNIGHT + dt.timedelta(seconds=found.seconds, microseconds=found.nanos // 1000)
    return found
