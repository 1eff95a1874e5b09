"""Which partitions of its upstreams a table's statement can be seen to read.

BigQuery bills by partition and column, and leaves out a partition only if a constant rules it out. So the expression is
walked from its result to the stored tables, carrying the columns still needed and the constant bounds on them as far
as an optimiser may push them: through filters, plain columns, unions, joins, groups and windows over the date itself.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.graph import Graph, Node

from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract

Bounds = dict[str, tuple[dt.date | None, dt.date | None]]


@dataclass(frozen=True)
class Reading:
    """One upstream as a statement reads it; a bound that is None is one no constant gives."""

    contract: Contract
    columns: frozenset[str]
    start: dt.date | None
    end: dt.date | None


@dataclass
class _Asked:
    """What those above a relation want of it together; None before anybody asked."""

    columns: set[str] = field(default_factory=set)
    bounds: Bounds | None = None

    def add(self, columns: Iterable[str], bounds: Bounds) -> None:
        self.columns |= set(columns)
        self.bounds = bounds if self.bounds is None else _either(self.bounds, bounds)


def readings(table: Table, tables: Mapping[str, Table], dates: DateRange) -> list[Reading]:
    """Every stored table the statements of some dates read, with its columns and the widest bounds."""
    stored = {upstream.contract.key: upstream.contract for upstream in tables.values()}
    found: dict[str, _Asked] = {}
    for query in table.queries(tables, dates).values():
        for leaf, asked in _asked_of_leaves(query.build(dates)).items():
            key = f"{leaf.namespace.database}.{leaf.name}"
            found.setdefault(key, _Asked()).add(asked.columns, asked.bounds or {})
    return [
        Reading(stored[key], frozenset(asked.columns), *_of(asked.bounds or {}, stored[key].partition))
        for key, asked in sorted(found.items())
        if key in stored
    ]


def _of(bounds: Bounds, partition: str | None) -> tuple[dt.date | None, dt.date | None]:
    return bounds.get(partition or "", (None, None))


def _asked_of_leaves(rows: ir.Table) -> dict[ops.UnboundTable, _Asked]:
    root = rows.op()
    asked: dict[Node, _Asked] = {root: _Asked(set(root.schema), {})}
    for node in reversed([*Graph.from_bfs(root).toposort()[0]]):
        if isinstance(node, ops.Relation) and node in asked:
            for below, columns, bounds in _below(node, asked[node]):
                asked.setdefault(below, _Asked()).add(columns, bounds)
    return {node: told for node, told in asked.items() if isinstance(node, ops.UnboundTable)}


def _below(node: ops.Relation, asked: _Asked) -> Iterator[tuple[Node, set[str], Bounds]]:
    """What a relation asks of each relation it is made of."""
    bounds = asked.bounds or {}
    used: list[Node] = []
    if isinstance(node, ops.Filter):
        used = [*node.predicates]
        yield node.parent, asked.columns | _columns(used, node.parent), _both(bounds, _stated(used, node.parent))
    elif isinstance(node, ops.Project | ops.Aggregate):
        kept = dict(node.values) if isinstance(node, ops.Project) else dict(node.groups)
        always = set() if isinstance(node, ops.Project) else set(kept)
        used = [value for name, value in node.values.items() if name in asked.columns | always]
        windows = [window for value in used for window in value.find(ops.WindowFunction, filter=ops.Value)]
        kept = {name: value for name, value in kept.items() if all(value in window.group_by for window in windows)}
        yield node.parent, _columns(used, node.parent), _passed(kept, node.parent, bounds)
    elif isinstance(node, ops.JoinChain):
        links = [predicate for link in node.rest for predicate in link.predicates]
        used = [*links, *(value for name, value in node.values.items() if name in asked.columns)]
        for side in (node.first, *(link.table for link in node.rest)):
            yield side, _columns(used, side), _both(_passed(node.values, side, bounds), _stated(links, side))
    elif isinstance(node, ops.Set):
        yield node.left, set(asked.columns), bounds
        yield node.right, set(asked.columns), bounds
    elif isinstance(node, ops.Limit):
        yield node.parent, set(asked.columns), {}
    elif isinstance(node, ops.Distinct):
        yield node.parent, set(node.schema), bounds
    elif hasattr(node, "parent"):
        used = [*getattr(node, "keys", ())]
        yield node.parent, (asked.columns & set(node.parent.schema)) | _columns(used, node.parent), bounds
    for value in used:
        for question in value.find(ops.Subquery, filter=ops.Value):
            yield question.rel, set(question.rel.schema), {}


def _passed(values: Mapping[str, Node], rel: Node, bounds: Bounds) -> Bounds:
    """The bounds on plain columns of a relation, by their names there."""
    return {
        value.name: bounds[name]
        for name, value in values.items()
        if name in bounds and isinstance(value, ops.Field) and value.rel == rel
    }


def _columns(values: Iterable[Node], rel: Node) -> set[str]:
    return {found.name for value in values for found in value.find(ops.Field, filter=ops.Value) if found.rel == rel}


def _stated(predicates: Iterable[Node], rel: Node) -> Bounds:
    """The bounds that constants give in conditions that must all hold."""
    stated: Bounds = {}
    for predicate in predicates:
        if isinstance(predicate, ops.And):
            stated = _both(stated, _stated((predicate.left, predicate.right), rel))
        elif isinstance(predicate, ops.Between):
            stated = _both(stated, _bound(predicate.arg, rel, predicate.lower_bound, predicate.upper_bound))
        elif isinstance(predicate, ops.Equals):
            stated = _both(stated, _bound(predicate.left, rel, predicate.right, predicate.right))
        elif isinstance(predicate, ops.Less | ops.LessEqual):
            stated = _both(stated, _bound(predicate.left, rel, None, predicate.right))
        elif isinstance(predicate, ops.Greater | ops.GreaterEqual):
            stated = _both(stated, _bound(predicate.left, rel, predicate.right, None))
    return stated


def _bound(column: Node, rel: Node, low: Node | None, high: Node | None) -> Bounds:
    told = tuple(end.value if isinstance(end, ops.Literal) and end.dtype.is_date() else None for end in (low, high))
    if not isinstance(column, ops.Field) or column.rel != rel or told == (None, None):
        return {}
    return {column.name: (told[0], told[1])}


def _both(one: Bounds, other: Bounds) -> Bounds:
    """Conditions that hold together: the narrower of two."""
    joint = dict(one)
    for name, (low, high) in other.items():
        known_low, known_high = joint.get(name, (None, None))
        lows, highs = [d for d in (low, known_low) if d], [d for d in (high, known_high) if d]
        joint[name] = (max(lows, default=None), min(highs, default=None))
    return joint


def _either(one: Bounds, other: Bounds) -> Bounds:
    """What two readings see together: the wider of two, and nothing where one of them is not bounded."""
    joint: Bounds = {}
    for name in one.keys() & other.keys():
        lows, highs = ([d for d in ends if d] for ends in zip(one[name], other[name], strict=True))
        joint[name] = (min(lows) if len(lows) == 2 else None, max(highs) if len(highs) == 2 else None)
    return joint
