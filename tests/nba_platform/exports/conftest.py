from pathlib import Path

import pytest

from .press import Press


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press.at(tmp_path)
