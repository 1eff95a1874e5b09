"""How many generated cases knock at each door, and what a refusal looks like at all of them.

The cases are the same in each run of the same tests: hypothesis derives them from the test and from constants of the
modules that are loaded, not from a clock.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

CASES = {
    "words of a command": 4_700,
    "words of a command over stored tables": 300,
    "variables of the environment": 1_800,
    "files of an archive": 160,
    "documents of providers": 400,
    "answers to requests": 440,
    "requests for the page": 2_300,
}
ANY_TEXT = st.text(max_size=40)
HOSTILE = st.sampled_from(
    [
        *(
            "",
            " ",
            "-",
            "--",
            "-1",
            "0",
            "nan",
            "inf",
            "1e309",
            "9" * 400,
            "None",
            "\u0663",
            "\uff12\uff10\uff12\uff14",
        ),
        *("two\nlines", "error: not ours\nTraceback (most recent call last):", "\x1b[31mred\x1b[0m", "\x07"),
        *("\u202egnp", "\udcff", "\u00e9" * 300, "../../etc/passwd", "/dev/null/x", "~", "~nobody-here/x"),
        *("nosuch://x", "s3://bucket/x", "file:///etc/passwd", "' OR 1=1 --", 'x"; DROP TABLE schedule; --'),
        *("${HOME}", "$(id)", "`id`", "%s%n", "{0.__class__}", "{{7*7}}", "[bold]x[/bold]", "[/]"),
        *("<script>alert(1)</script>", '=HYPERLINK("http://x")'),
    ]
)
BAD_TEXT = st.one_of(HOSTILE, ANY_TEXT)


def knock(door: str, cases: st.SearchStrategy[Any], at: Callable[[Any], None]) -> None:
    """Try the number of cases that a door has: each either passes or names itself."""
    tried = 0

    @settings(
        max_examples=CASES[door],
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def one(case: Any) -> None:
        nonlocal tried
        tried += 1
        at(case)

    one()
    assert tried >= CASES[door], f"{door}: only {tried} different cases exist"


def assert_one_sentence(text: str) -> None:
    """Assert that a refusal is one line that may be printed, long enough to say what to do, and no program's trace."""
    assert len(text) > 20, text
    assert text.isprintable(), text
    assert not text.startswith("Traceback"), text
