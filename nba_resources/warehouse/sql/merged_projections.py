"""Let Ibis decide faster whether to merge two projections: it counted all below them anew at each pair.

A pair is merged if that makes no more expressions than there were. Counted once, each node's number is the same, and so
are the statements; the counting was a tenth of the time of compiling.
"""

import sys
from functools import cache
from weakref import WeakKeyDictionary

from ibis.backends.sql import rewrites
from ibis.common.graph import Node
from ibis.expr import operations as ops

counted_by_ibis = rewrites.complexity
_COUNTED: WeakKeyDictionary[Node, int] = WeakKeyDictionary()


def expressions_below(node: Node) -> int:
    """Return the number of expressions of a node, a field being one, as Ibis counts them."""
    waiting = [node]
    while waiting:
        one = waiting[-1]
        if one in _COUNTED:
            waiting.pop()
            continue
        children = () if isinstance(one, ops.Field | ops.Impure) else one.__children__
        if unknown := [child for child in children if child not in _COUNTED]:
            waiting += unknown
            continue
        least = sys.maxsize if isinstance(one, ops.Impure) else 1
        _COUNTED[one] = least + sum(_COUNTED[child] for child in children)
        waiting.pop()
    return _COUNTED[node]


@cache
def count_expressions_once() -> None:
    """Let Ibis compile all statements of this process so."""
    rewrites.complexity = expressions_below
