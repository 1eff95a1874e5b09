"""The web server as a process of `nba ui`: it imports its libraries while the code server loads the graph.

Dagster's own command would show an error page until the code server answers, and would answer pages of any name.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from dagster_webserver import cli
from starlette.applications import Starlette

from nba_platform.orchestration.local_requests import LocalRequests

SECONDS_BETWEEN_LOOKS = 0.05


def wait_for(socket: Path, parent: int) -> None:
    """Return when the code server listens; end the process when its parent has ended."""
    while not socket.exists():
        if os.getppid() != parent:
            sys.exit(1)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def refuse_others() -> None:
    """Put `LocalRequests` before everything that Dagster's web server answers."""
    create = cli.create_app_from_workspace_process_context

    def create_guarded(*arguments: Any, **options: Any) -> Starlette:
        app = create(*arguments, **options)
        app.add_middleware(LocalRequests)
        return app

    cli.create_app_from_workspace_process_context = create_guarded


if __name__ == "__main__":
    code_server, *options = sys.argv[1:]
    wait_for(Path(code_server), os.getppid())
    sys.argv[1:] = options
    refuse_others()
    cli.main()
