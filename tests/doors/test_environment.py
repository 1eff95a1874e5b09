"""Every variable of the environment with a bad value: refused by its name in a line, and a secret is never shown."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import strategies as st

from nba_platform.config.environments import objects, source, tonight, warehouse
from nba_platform.config.settings import VARIABLES, BigQuery, Bucket, Live, Platform, Variable, read_settings
from nba_resources.errors import UserError

from .cases import BAD_TEXT, assert_one_sentence, knock
from .test_arguments import a_shell_passes, run

PLATFORM = {Platform.variable(name) for name in Platform.model_fields}
PRODUCTION = {"NBA_ENV": "production", "NBA_OBJECTS": "gs://our-bucket", "NBA_BIGQUERY_PROJECT": "our-project"}
NEARLY = st.sampled_from(
    [
        *("http://[", "http://[::1", "https://:0/", "http://host:99999/", "http://host:x/", "ftp://host/"),
        *("postgresql://[", "postgresql://host:x/d", "postgresql://u:hunter22@/d", "http://\u00e9\u00e8/"),
        *("gs://", "gs://a", "gs://../x", "gs://b//c", "{}", "[]", '{"a": 1}', '{"a": "\u00e9"}', '{"a": "b\\n"}'),
        *('{"\u00e9": "b"}', '{"": "b"}', "{" * 2_000, "[" * 5_000, "live", "archive", "balldontlie"),
        *("2025-02-30", "2025-1-1", "20250101", "0000-00-00", "9999-12-31", "2025-01-15T09:00"),
        *("2025-01-15T09:00-99:00", "0.0", "1.", ".5", "1e3", "\u0661\u0662", "+1", "on ", "ON"),
        *("pts,", ",", "pts,,reb"),
    ]
)

CHOSEN, VALUES = st.sampled_from(VARIABLES), st.one_of(NEARLY, BAD_TEXT).filter(a_shell_passes)


@st.composite
def bad_values(draw: st.DrawFn) -> tuple[Variable, str]:
    """A variable and a value that it may not have, or that leads nowhere."""
    variable, value = draw(CHOSEN), draw(VALUES)
    if variable.name in ("NBA_HOME", "NBA_LANDING") and (value.startswith("/") or ".." in value):
        value = "/dev/null/x"  # nothing is made outside of the test's folder
    return variable, value


def beside(variable: Variable) -> Mapping[str, str]:
    """Return the settings without which a variable is not read."""
    prefix = variable.name.removeprefix("NBA_")
    if variable.name == "NBA_ARCHIVE_DIR":
        return {"NBA_SOURCE": "archive"}
    if variable.name in map(BigQuery.variable, BigQuery.model_fields) or prefix.lower() in Bucket.model_fields:
        return PRODUCTION
    return {"NBA_SOURCE": "live"} if prefix.lower() in Live.model_fields else {}


def use() -> None:
    """Make what the settings choose, without a request."""
    settings = read_settings()
    warehouse(), objects(), tonight()
    if settings.platform.source == "live":
        source(settings).signature()


def test_a_variable_that_makes_no_sense_is_named_in_one_line(nothing_else_set: Path):
    def try_value(case: tuple[Variable, str]) -> None:
        variable, value = case
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("HOME", str(nothing_else_set / "of-user"))
            environment.chdir(nothing_else_set)
            for name, given in {**beside(variable), variable.name: value}.items():
                environment.setenv(name, given)
            try:
                use()
            except UserError as error:
                told = str(error)
                assert_one_sentence(told)
                if variable.secret and len(value) > 5:
                    assert value not in told
                if value.strip() and variable.problem(value, ()):
                    assert variable.name in told
            if variable.name in PLATFORM:
                code, _, err = run(("home",))
                refused = err.splitlines()
                assert code in (0, 1)
                assert len(refused) == code
                for line in refused:
                    assert_one_sentence(line)

    knock("variables of the environment", bad_values(), try_value)
