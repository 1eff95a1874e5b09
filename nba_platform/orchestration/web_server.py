"""The web server as a process of `nba ui`: it imports its libraries while the code server loads the graph.

Dagster's own command would show an error page until the code server answers.
"""

import os
import sys
import time
from pathlib import Path

from dagster_webserver.cli import main

SECONDS_BETWEEN_LOOKS = 0.05


def wait_for(socket: Path, parent: int) -> None:
    """Return when the code server listens; end the process when its parent has ended."""
    while not socket.exists():
        if os.getppid() != parent:
            sys.exit(1)
        time.sleep(SECONDS_BETWEEN_LOOKS)


if __name__ == "__main__":
    code_server, *options = sys.argv[1:]
    wait_for(Path(code_server), os.getppid())
    sys.argv[1:] = options
    main()
