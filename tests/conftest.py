import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def archive_dir() -> str:
    """The real archive is never part of the repository; what needs it says so and steps aside."""
    folder = os.environ.get("NBA_ARCHIVE_DIR") or str(Path(__file__).parents[1].parent / "shared" / "data" / "nba")
    if "://" not in folder and not Path(folder, "games.parquet").exists():
        pytest.skip(
            f"needs the real archive: no games.parquet in {folder}; set NBA_ARCHIVE_DIR to a folder that has it"
        )
    return folder
