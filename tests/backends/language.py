"""Google's SQL engine, set up as BigQuery's dialect: features, tables and types.

The engine is the `zetasql` package, compiled to WebAssembly.
"""

import ctypes
import fcntl
import functools
import hashlib
import importlib.metadata
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as it
import sqlglot
import wasmtime
from google.protobuf.message import Message
from sqlglot.tokens import Token, TokenType
from zetasql.core import wasm_client
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as language_pb2
from zetasql.wasi._pb2.zetasql.public import type_pb2

FEATURES = (
    *("ADDITIONAL_STRING_FUNCTIONS", "ALLOW_CONSECUTIVE_ON", "ALLOW_DASHES_IN_TABLE_NAME"),
    *("ALLOW_REGEXP_EXTRACT_OPTIONALS", "ANALYTIC_FUNCTIONS", "ANNOTATION_FRAMEWORK", "BIGNUMERIC_TYPE"),
    *("BY_NAME", "CBRT_FUNCTIONS", "CIVIL_TIME", "COLLATION_SUPPORT", "CONCAT_MIXED_TYPES", "CORRESPONDING"),
    *("CORRESPONDING_FULL", "DATE_ARITHMETICS", "DATE_TIME_CONSTRUCTORS", "DECIMAL_ALIAS"),
    *("DISABLE_ARRAY_MIN_AND_MAX", "DISABLE_ARRAY_SUM_AND_AVG", "DISABLE_FLOAT32"),
    *("ENFORCE_CONDITIONAL_EVALUATION", "EXTENDED_DATE_TIME_SIGNATURES", "FORMAT_IN_CAST"),
    *("FOR_SYSTEM_TIME_AS_OF", "GROUPING_BUILTIN", "GROUPING_SETS", "GROUP_BY_ALL", "GROUP_BY_ARRAY"),
    *("GROUP_BY_ROLLUP", "GROUP_BY_STRUCT", "HAVING_IN_AGGREGATE", "INTERVAL_TYPE", "INVERSE_TRIG_FUNCTIONS"),
    *("IS_DISTINCT", "JSON_ARRAY_FUNCTIONS", "JSON_CONSTRUCTOR_FUNCTIONS", "JSON_KEYS_FUNCTION"),
    *("JSON_LAX_VALUE_EXTRACTION_FUNCTIONS", "JSON_MUTATOR_FUNCTIONS", "JSON_TYPE"),
    *("JSON_VALUE_EXTRACTION_FUNCTIONS", "LIKE_ANY_SOME_ALL", "LIKE_ANY_SOME_ALL_ARRAY"),
    *("LIKE_ANY_SOME_ALL_SUBQUERY", "LIMIT_IN_AGGREGATE", "LITERAL_CONCATENATION", "NAMED_ARGUMENTS"),
    *("NULLS_FIRST_LAST_IN_ORDER_BY", "NULL_HANDLING_MODIFIER_IN_AGGREGATE"),
    *("NULL_HANDLING_MODIFIER_IN_ANALYTIC", "NUMERIC_TYPE", "ORDER_BY_COLLATE", "ORDER_BY_IN_AGGREGATE"),
    *("PARAMETERIZED_TYPES", "PIPES", "PIVOT", "QUALIFY", "RANGE_TYPE", "REPEAT", "ROUND_WITH_ROUNDING_MODE"),
    *("SAFE_FUNCTION_CALL", "SELECT_STAR_EXCEPT_REPLACE", "SINGLE_TABLE_NAME_ARRAY_PATH", "TABLESAMPLE"),
    *("TIME_BUCKET_FUNCTIONS", "UNPIVOT", "WEEK_WITH_WEEKDAY", "WITH_ON_SUBQUERY", "WITH_RECURSIVE"),
    "WITH_RECURSIVE_DEPTH_MODIFIER",
)
"""The language features that BigQuery's dialect has for queries."""


def call(method: str, request: Message, answer: Any) -> Any:
    """Call a method of the engine and parse its response with the class `answer`."""
    _prepare()
    return ZetaSqlLocalService.get_instance().wasm_client.call_grpc_func(
        f"ZetaSqlLocalService_{method}", request, answer
    )


def options() -> options_pb2.AnalyzerOptionsProto:
    """Return the analyser options of BigQuery."""
    result = options_pb2.AnalyzerOptionsProto(default_timezone="UTC", prune_unused_columns=True)
    result.language_options.CopyFrom(_language())
    return result


def catalog(tables: Mapping[str, ibis.Schema]) -> simple_catalog_pb2.SimpleCatalogProto:
    """Return a catalog of tables, named `dataset.table` or by a bare name."""
    result = simple_catalog_pb2.SimpleCatalogProto(name="bigquery")
    result.builtin_function_options.language_options.CopyFrom(_language())
    datasets: dict[str, Any] = {}
    for place, (key, schema) in enumerate(tables.items(), start=1):
        dataset, _, name = key.rpartition(".")
        if dataset and dataset not in datasets:
            datasets[dataset] = result.catalog.add(name=dataset)
        table = datasets.get(dataset, result).table.add(name=key, name_in_catalog=name, serialization_id=place)
        for column, dtype in schema.items():
            table.column.add(name=column, type=_type(dtype))
    return result


def with_max_by(statement: str) -> str:
    """Rewrite MAX_BY(value, key) and MIN_BY, which this build of the analyser lacks, as ANY_VALUE with HAVING.

    Only these tokens change: parsing the long statements and writing them again takes longer than analysing some.
    """
    if not re.search("MAX_BY|MIN_BY", statement, re.IGNORECASE):
        return statement
    tokens, changes = sqlglot.tokenize(statement, read="bigquery"), []
    for place, name in enumerate(tokens):
        if name.text.upper() in ("MAX_BY", "MIN_BY"):
            comma = _first_comma(tokens[place + 1 :])
            changes += [(name, "ANY_VALUE"), (comma, f" HAVING {name.text[:3]}")]
    for token, text in sorted(changes, key=lambda change: -change[0].start):
        statement = statement[: token.start] + text + statement[token.end + 1 :]
    return statement


def _first_comma(arguments: list[Token]) -> Token:
    """Return the comma between the arguments of a call; `arguments` begins with its parenthesis."""
    depth = 0
    for token in arguments:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 1 and token.token_type is TokenType.COMMA:
            return token
    raise ValueError("MAX_BY and MIN_BY have two arguments")


def _type(dtype: it.DataType) -> type_pb2.TypeProto:
    """Return BigQuery's type for an Ibis type."""
    if isinstance(dtype, it.Array):
        element = type_pb2.ArrayTypeProto(element_type=_type(dtype.value_type))
        return type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY, array_type=element)
    kinds = {
        it.Boolean: type_pb2.TYPE_BOOL,
        it.Int64: type_pb2.TYPE_INT64,
        it.Float64: type_pb2.TYPE_DOUBLE,
        it.String: type_pb2.TYPE_STRING,
        it.Date: type_pb2.TYPE_DATE,
        it.Timestamp: type_pb2.TYPE_TIMESTAMP,
    }
    return type_pb2.TypeProto(type_kind=kinds[type(dtype)])


def _language() -> options_pb2.LanguageOptionsProto:
    number = {feature.name: feature.number for feature in language_pb2.LanguageFeature.DESCRIPTOR.values}
    language = options_pb2.LanguageOptionsProto(
        product_mode=language_pb2.PRODUCT_EXTERNAL, name_resolution_mode=language_pb2.NAME_RESOLUTION_DEFAULT
    )
    language.enabled_language_features.extend(sorted(number[f"FEATURE_{name}"] for name in FEATURES))
    language.reserved_keywords.append("QUALIFY")
    return language


@functools.cache
def _prepare() -> None:
    """Copy memory in blocks instead of byte by byte, and compile the 28 MB of WebAssembly once for all processes."""

    def place(client: Any, pointer: int) -> int:
        return ctypes.addressof(client.memory.data_ptr().contents) + pointer

    def write(client: Any, pointer: int, data: bytes) -> None:
        ctypes.memmove(place(client, pointer), data, len(data))

    def read(client: Any, pointer: int, size: int) -> bytes:
        return ctypes.string_at(place(client, pointer), size)

    client: Any = wasm_client
    client.WasmClient.write_bytes, client.WasmClient.read_bytes = write, read
    client.Module = _CachedModule


class _CachedModule:
    """Caches the compiled module on disk: compiling takes ten seconds and a gigabyte of memory."""

    @staticmethod
    def from_file(engine: wasmtime.Engine, path: str) -> wasmtime.Module:
        version = importlib.metadata.version("wasmtime").encode() + Path(path).read_bytes()
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nba-props-platform"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)  # files loaded from here are trusted
        compiled = home / f"googlesql-{hashlib.sha256(version).hexdigest()[:16]}.cwasm"
        with compiled.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits instead of compiling as well
            if compiled.exists():
                return wasmtime.Module.deserialize_file(engine, str(compiled))
            module = wasmtime.Module.from_file(engine, path)
            unfinished = compiled.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(module.serialize())
            unfinished.replace(compiled)
            return module
