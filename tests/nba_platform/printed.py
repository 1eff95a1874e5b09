"""A page as people see it."""

import io

from rich.console import Console

from nba_platform.cli.command import Page, print_page


def printed(page: Page, width: int = 120) -> str:
    written = io.StringIO()
    print_page(page, Console(file=written, width=width))
    return written.getvalue()
