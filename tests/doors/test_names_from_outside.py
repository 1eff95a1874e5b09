"""A name that somebody else chose is shown as it is, and means nothing where it is shown."""

import io
import json

import pytest
from rich.console import Console

from nba_platform.alerts.alert import Alert, Severity
from nba_platform.cli.command import Answer, print_page
from nba_platform.cli.render import table, to_json
from nba_resources.errors import UserError

NAMES = (
    "<script>alert(1)</script>",
    "[bold]x[/bold]",
    "[/] [red]",
    '=HYPERLINK("http://x")',
    "$(id) `id` ${HOME}",
    "%s%n {0} {{7*7}}",
    'x"; DROP TABLE schedule; --',
    "Jokić, Nikola",
)
LINES = ("A\nWhat to do: run this", "A\r\n[CRITICAL] B", "A\u2028B", "A\x1b[2JB", "A\x00B", "A\u202eB")


@pytest.mark.parametrize("name", NAMES)
def test_in_a_table_of_the_terminal_brackets_are_brackets(name: str):
    """A name with a closing bracket ended the command with a trace."""
    shown = io.StringIO()
    print_page([table(["player"], [[name]]), f"of {name}"], Console(file=shown, width=200))
    assert [line.rstrip() for line in shown.getvalue().splitlines()] == ["player", name, f"of {name}"]


@pytest.mark.parametrize("name", [*NAMES, *LINES])
def test_in_a_document_it_is_one_text(name: str):
    document = json.dumps(to_json(Answer({name: [name]}, ()).result))
    assert json.loads(document) == {name: [name]}
    assert document.isprintable()
    assert document.isascii()


@pytest.mark.parametrize("name", LINES)
def test_in_a_log_it_begins_no_line(name: str):
    assert str(UserError(f"no player {name}")).isprintable()


@pytest.mark.parametrize("name", LINES)
def test_in_an_alert_it_begins_no_line(name: str):
    alert = Alert("key", Severity.WARNING, f"title of {name}", f"{name} happened", f"mend {name}")
    assert [line.split(":")[0].split(" ")[0] for line in alert.text.splitlines()] == ["[WARNING]", "What", "What"]
    assert [line[:6] for line in alert.text_when_over.splitlines()] == ["[RECOV", "It is "]
    assert alert.text.replace("\n", "").isprintable()
