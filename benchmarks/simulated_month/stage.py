"""The stage that the months of one process share: clock, providers, environment, definitions, the season so far."""

import datetime as dt
import gc
import os
import shutil
from functools import partial
from pathlib import Path

from nba_platform.definitions import TABLES
from nba_resources.code_hash import code_hash
from simulated_month.clock import Clock
from simulated_month.faults import DAILY, HOOK, KEY, MONTHLY, Providers
from simulated_month.league import FIRST, OPENING, Truth, at
from simulated_month.platform import command, definitions, live_by
from simulated_month.process import Process

LOG = "processes.log"
RECENT = dt.timedelta(days=8)  # before the month: what corrections and alerts look back at


class Stage:
    """The clock, the providers, the environment and the definitions of one process, for one month after the other.

    Every month has its home at the same place, so that the definitions are loaded once.
    """

    def __init__(self, folder: Path, all_tables: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.all_tables = all_tables
        self.home, self.base, port = folder / "home", folder / f"base-{code_hash()}", folder / "port"
        self.clock = Clock(at(FIRST, dt.time(0)))
        self.providers = Providers(self.clock, int(port.read_text()) if port.exists() else 0)
        port.write_text(str(self.providers.server.port))  # responses are stored by their address
        url = self.providers.url
        os.environ.update(
            NBA_HOME=str(self.home),
            NBA_SOURCE="live",
            NBA_PROVIDERS="nba_com,the_odds_api,injury_report",
            NBA_MARKETS="pts,ast",
            NBA_THE_ODDS_API_KEY=KEY,
            NBA_THE_ODDS_API_MONTHLY=str(MONTHLY),
            NBA_THE_ODDS_API_DAILY=str(DAILY),
            NBA_ALERT_WEBHOOK=f"{url}{HOOK}",
            **{f"NBA_{name}_URL": url for name in ("NBA_COM", "THE_ODDS_API", "INJURY_REPORT")},
        )
        os.environ.pop("NBA_TODAY", None)
        live_by(self.clock)
        if not self.home.exists():
            self._make_home()  # where compiled statements are looked for, and stored
        self.tables = [key.path[-1] for key in definitions(all_tables).resolve_asset_graph().materializable_asset_keys]
        definitions(all_tables).resolve_implicit_global_asset_job_def()
        definitions(all_tables).get_repository_def().get_sensor_def("alerts")
        if not self.base.exists():
            self._fill()
        gc.freeze()  # no process that is forked looks for garbage in the definitions
        gc.enable()  # `month.py` begins without, as imports and definitions stay

    def _fill(self) -> None:
        """Fill a home with the season so far, of facts the last days; every month begins with a copy."""
        self.begin(Truth(0, 1, lambda: self.clock.moment), 0)
        last = FIRST - dt.timedelta(days=1)
        names = ",".join(name for name in self.tables if name in TABLES)
        process = self.process()
        first = OPENING if self.all_tables else FIRST - RECENT
        ended = process.run(partial(command, "backfill", str(first), str(last), "--select", names))
        process.end()
        if ended.result != 0:
            raise RuntimeError(f"the season so far could not be loaded: {ended}; see {self.home / LOG}")
        self.home.rename(self.base)

    def begin(self, truth: Truth, seed: int) -> None:
        """Begin a month in the small hours of its first day."""
        self.clock.set(at(FIRST, dt.time(1)))
        self.providers.begin(truth, seed)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.base.exists():
            shutil.copytree(self.base, self.home, symlinks=True)
        else:
            self._make_home()

    def _make_home(self) -> None:
        """Make an empty home; all homes share the compiled statements."""
        self.home.mkdir()
        (self.home.parent / "compiled").mkdir(exist_ok=True)
        (self.home / "compiled").symlink_to(self.home.parent / "compiled")

    def process(self) -> Process:
        """Return a process that works in the home of the month."""
        return Process(self.clock, self.home / LOG)

    def close(self) -> None:
        """Stop the server and the clock."""
        self.providers.server.stop()
        self.clock.stop()
