"""The numbers that the page computes are those that the platform computes."""

import numpy as np
import pytest
from playwright.sync_api import Page

from models.evaluation.scores import Rate
from models.inference.odds import expected_value, fair_price, implied_probability

from .conftest import Open


@pytest.fixture
def page(see: Open) -> Page:
    return see("#/how")


def run(page: Page, module: str, expression: str, values: object) -> list:
    """Evaluate an expression of each of some values with the functions of a module."""
    return page.evaluate(
        f"async values => {{ const m = await import('./{module}.js'); return values.map(v => {expression}); }}", values
    )


def test_rates_and_intervals_are_the_platforms(page: Page):
    cases = [(hits, n) for n in (1, 5, 10, 55) for hits in range(0, n + 1, 3)]
    found = run(page, "stats", "m.rate(v[0], v[1])", cases)
    for (hits, n), one in zip(cases, found, strict=True):
        rate = Rate(hits, n)
        assert (one["low"], one["high"]) == pytest.approx(rate.interval)
        assert one["value"] == pytest.approx(rate.value)
    assert run(page, "stats", "m.rate(0, 0).value", [0]) == [None]


def test_fair_prices_values_and_break_evens_are_the_platforms(page: Page):
    chances = [(over, 0.97 - over) for over in (0.05, 0.31, 0.485, 0.5, 0.52, 0.91)]
    fair = run(page, "stats", "m.fair(v[0], v[1])", chances)
    assert fair == pytest.approx([float(fair_price(*one)) for one in chances])
    for price in (-250, -110, 100, 135):
        values = run(page, "stats", f"m.value(v[0], v[1], {price})", chances)
        assert values == pytest.approx([float(expected_value(*one, price)) for one in chances])
        assert run(page, "stats", "m.breakEven(v)", [price]) == pytest.approx([float(implied_probability(price))])


def test_a_chance_beyond_the_ladder_is_unknown_and_a_push_only_on_a_whole_line(page: Page):
    ladder = "{ first: 3, above_probability: [0.9, 0.6, 0.2] }"
    found = run(page, "stats", f"m.chances({ladder}, v)", [3.5, 4, 5.5, 6, 2.5, 3])
    assert found[0] == pytest.approx({"over": 0.9, "push": 0, "under": 0.1})
    assert found[1] == pytest.approx({"over": 0.6, "push": 0.3, "under": 0.1})
    assert found[2] == pytest.approx({"over": 0.2, "push": 0, "under": 0.8})
    assert found[3:] == [None, None, None]


def test_pushes_and_unknown_games_are_no_part_of_a_rate(page: Page):
    (found,) = run(page, "stats", "m.overRate(v, 20)", [[25, 20, None, 12, 30]])
    assert (found["hits"], found["n"], found["pushes"]) == (2, 3, 1)


FORMULAS = {
    "=1+1": "'=1+1",
    "+1 555": "'+1 555",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    " =1": "' =1",
    'say "hi", now': '"say ""hi"", now"',
    "two\nlines": '"two\nlines"',
    "Luka Dončić": "Luka Dončić",
}


def test_no_cell_of_a_saved_table_is_a_formula_and_numbers_stay_numbers(page: Page):
    assert run(page, "table", "m.csvCell(v)", [*FORMULAS]) == [*FORMULAS.values()]
    assert run(page, "table", "m.csvCell(v)", [-110, 0.25, None]) == ["-110", "0.25", ""]


def test_prices_are_written_in_three_ways(page: Page):
    shown = {style: run(page, "format", f"m.price(v, '{style}')", [-110, 150]) for style in ("american", "decimal")}
    assert shown == {"american": ["\u2212110", "+150"], "decimal": ["1.91", "2.50"]}
    shares = [float(np.round(100 * implied_probability(price), 1)) for price in (-110, 150)]
    assert run(page, "format", "m.price(v, 'probability')", [-110, 150]) == [f"{share} %" for share in shares]


def test_an_address_holds_any_name_and_query(page: Page):
    parts = [["player", "a/b ?&=ü", {"line": "20.5", "q": "x&y=1 +"}]]
    assert run(page, "state", "m.parse(m.address(...v))", parts) == [
        {"screen": "player", "item": "a/b ?&=ü", "query": {"line": "20.5", "q": "x&y=1 +"}}
    ]
    assert run(page, "state", "m.parse(v).item", ["#/player/%E0%A4%A"]) == ["%E0%A4%A"]
