"""A hash of the code, for what is kept of computed results: other code never reads it, such as SQL templates."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

COMPILERS = ("ibis-framework", "sqlglot")
PACKAGES = ("models", "nba_assets", "nba_checks", "nba_platform", "nba_resources")


@cache
def code_hash() -> str:
    """Return a hash of the sources of all packages and of the versions of the compilers. Imports none of them."""
    digest = hashlib.sha256(repr([version(name) for name in COMPILERS]).encode())
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        root = Path(spec.origin).parent
        for source in sorted(root.rglob("*.py")):
            digest.update(f"{source.relative_to(root.parent)}\n".encode() + source.read_bytes())
    return digest.hexdigest()[:16]
