"""The command that shows the web page, or writes it for others."""

import json
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from nba_platform.cli.command import Answer, command
from nba_platform.cli.options import AsJson, Port
from nba_platform.cli.private_files import files_for_others


@command
def site(
    target: Annotated[
        str | None, typer.Argument(metavar="DIR", help="A folder or bucket to write page and documents to.")
    ] = None,
    single: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one file with tonight inside, to send to someone.")
    ] = None,
    port: Port = 3080,
    as_json: AsJson = False,
) -> Answer | None:
    """Show the web page of tonight, players, results and record on this machine, until Ctrl-C; or write it.

    It shows the documents that are published: run `nba publish` first. With DIR it writes page and documents, which any
    static host can serve; with --single one file that needs no host.

    [bold]Example[/bold]: on this machine, then for a host, then for a friend:

        nba site

        nba site public

        nba site --single tonight.html
    """
    from nba_platform.config.environments import objects
    from nba_platform.errors import NothingToDo
    from nba_resources.objects.store import ObjectStore
    from nba_site.page import copy_page, single_page
    from nba_site.server import HOST, page_server

    if single:
        content = single_page(objects())
        try:
            with files_for_others():
                single.write_bytes(content)
        except OSError as error:
            raise NothingToDo(f"{single} cannot be written ({error.strerror}): name another file.") from None
        return Answer({"file": single, "bytes": len(content)}, [f"{single} has tonight: {len(content):,} bytes."])
    if target:
        with files_for_others():
            changed = copy_page(objects(), ObjectStore(root=target))
        return Answer({"root": target, "changed": len(changed)}, [f"{target} is current: {len(changed)} files new."])
    try:
        with page_server(objects(), port) as server:
            address = {"address": server.address}
            typer.echo(json.dumps(address) if as_json else f"The page is at {server.address} (Ctrl-C ends it).")
            sys.stdout.flush()
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    except OSError:
        advice = "end what listens there, or choose another with --port."
        raise NothingToDo(f"port {port} on {HOST} is taken: {advice}") from None
    return None
