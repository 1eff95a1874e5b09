from pathlib import Path

import pytest

from .exported_site import ExportedSite


@pytest.fixture
def site(tmp_path: Path) -> ExportedSite:
    return ExportedSite.at(tmp_path)
