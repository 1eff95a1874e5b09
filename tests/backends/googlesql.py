"""Checks with Google's analyser that a statement is valid GoogleSQL.

It checks names, types, functions, grouping and windows, but no quotas, permissions or run-time errors: passing here
does not replace a run on the real service.
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
    """The analyser refused a statement; the message is its own."""


class GoogleSQL:
    """The analyser with a set of tables, named `dataset.table` or by a bare name."""

    def __init__(self, tables: Mapping[str, ibis.Schema]) -> None:
        self._options = options()
        self._options.error_message_mode = language_pb2.ERROR_MESSAGE_ONE_LINE
        self._tables = service.RegisterCatalogRequest(simple_catalog=catalog(tables))
        self._catalog = call("RegisterCatalog", self._tables, service.RegisterResponse)
        self._valid: set[str] = set()

    def refuse_invalid(self, statement: str) -> None:
        """Raise the error that BigQuery would give before running the statement; a valid one is analysed once."""
        if statement in self._valid:
            return
        request = service.AnalyzeRequest(
            sql_statement=with_max_by(statement),
            registered_catalog_id=self._catalog.registered_id,
            options=self._options,
        )
        try:
            response: Any = call("Analyze", request, _Response)
        except wasmtime.Trap as trap:
            del ZetaSqlLocalService._instance
            self._catalog = call("RegisterCatalog", self._tables, service.RegisterResponse)
            raise NotGoogleSQL(f"the analyser gave up: {trap}") from trap
        except ServerError as refusal:
            raise NotGoogleSQL(str(refusal)) from refusal
        if response.tree is not None and _joins_without_equality(response.tree.resolved_statement):
            raise NotGoogleSQL("BigQuery needs an equality in the condition of an outer join")
        self._valid.add(statement)


class _Response:
    """A response; its tree is None if it is deeper than the 100 levels protobuf reads: a valid statement."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    @classmethod
    def FromString(cls, raw: bytes) -> "_Response":
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
