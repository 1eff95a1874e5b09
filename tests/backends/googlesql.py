"""Whether a statement is valid GoogleSQL, judged by Google's own analyser: BigQuery without BigQuery.

It knows names, types, functions, grouping and windows, but neither quotas nor permissions nor run-time errors: green
here does not replace one run on the real service.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import wasmtime
from google.protobuf.message import DecodeError, Message
from zetasql.core.exceptions import ServerError
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.public import options_pb2 as language_pb2

from .language import call, catalog, options, with_max_by

OUTER_JOINS = (1, 2, 3)
EQUALITIES = ("ZetaSQL:$equal", "ZetaSQL:$is_not_distinct_from")


class NotGoogleSQL(ValueError):
    """The analyser's own words for what is wrong with a statement."""


class GoogleSQL:
    """The analyser over a set of tables, each known as `dataset.table` or by its bare name."""

    def __init__(self, tables: Mapping[str, ibis.Schema]) -> None:
        self._options = options()
        self._options.error_message_mode = language_pb2.ERROR_MESSAGE_ONE_LINE
        self._catalog = catalog(tables)

    def refuse_invalid(self, statement: str) -> None:
        """Raise what BigQuery would say of the statement before running it."""
        request = service.AnalyzeRequest(
            sql_statement=with_max_by(statement), simple_catalog=self._catalog, options=self._options
        )
        try:
            answer: Any = call("Analyze", request, _Answer)
        except wasmtime.Trap as trap:
            del ZetaSqlLocalService._instance
            raise NotGoogleSQL(f"the analyser gave up: {trap}") from trap
        except ServerError as refusal:
            raise NotGoogleSQL(str(refusal)) from refusal
        if answer.tree is not None and _joins_without_equality(answer.tree.resolved_statement):
            raise NotGoogleSQL("BigQuery needs an equality in the condition of an outer join")


class _Answer:
    """An answer whose tree is None where it is deeper than the 100 levels protobuf reads: valid all the same."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    @classmethod
    def FromString(cls, raw: bytes) -> "_Answer":
        try:
            return cls(service.AnalyzeResponse.FromString(raw))
        except DecodeError:
            return cls(None)


def _joins_without_equality(statement: Message) -> bool:
    joins = (part for part in _parts(statement) if part.DESCRIPTOR.name == "ResolvedJoinScanProto")
    return any(join.join_type in OUTER_JOINS and not _has_equality(join.join_expr) for join in joins)


def _has_equality(condition: Message) -> bool:
    calls = (part for part in _parts(condition) if part.DESCRIPTOR.name == "ResolvedFunctionCallBaseProto")
    return any(call.function.name in EQUALITIES for call in calls)


def _parts(message: Any) -> Iterator[Any]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                yield from _parts(part)
