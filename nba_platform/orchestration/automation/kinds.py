"""Kinds of conditions of our own: a function that flags dates, and what holds of tables upstream on the same date."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg

from nba_platform.orchestration.automation.tick_state import TickState
from nba_platform.orchestration.event_log_reader import Flags


@dataclass(frozen=True, eq=False)
class Flagged(dg.AutomationCondition):
    """A condition of our own: a function that flags partitions. The UI shows its name and its docstring."""

    flags: Callable[..., Flags]
    arguments: tuple[Any, ...] = ()
    requires_cursor = False  # nothing is remembered between two ticks

    def __call__(self, *arguments: Any) -> "Flagged":
        """Return the condition with these arguments."""
        return replace(self, arguments=arguments)

    @property
    def name(self) -> str:
        """Return the name of the function in words."""
        return self.flags.__name__.replace("_", " ")

    @property
    def description(self) -> str:
        """Return the first line of the docstring."""
        return (self.flags.__doc__ or self.name).splitlines()[0]

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """Return the candidates that are flagged."""
        candidates = context.candidate_subset
        if not candidates.is_empty:
            state = TickState.of(context)
            candidates = candidates.compute_intersection(
                state.subset(context.key, self.flags(state, context, *self.arguments))
            )
        return dg.AutomationResult(context, candidates)


@dataclass(frozen=True, eq=False)
class OnTheSameDate(dg.AutomationCondition):
    """A table upstream that this date reads on the same date matches, through any number of tables.

    An unsound date of history holds its own descendants, not this date.
    """

    ancestors: tuple[dg.AssetKey, ...]
    operand: dg.AutomationCondition
    name = "on the same date"
    description = "On the same date a table upstream was not stored by its last run, or has a blocking check to pass."
    requires_cursor = False

    async def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:  # type: ignore[override]  # awaited
        """Evaluate the operand for the same dates of each ancestor."""
        matching, results = context.get_empty_subset(), []
        if not context.candidate_subset.is_empty:
            state = TickState.of(context)
            for key in self.ancestors:
                candidates = state.of_table(context.candidate_subset, key)
                results.append(await context.for_child_condition(self.operand, [None], candidates).evaluate_async())
                matching = matching.compute_union(state.of_table(results[-1].true_subset, context.key))
        return dg.AutomationResult(context, matching, child_results=results)
