"""Writes the page: its files beside the documents, or one file with the documents of one evening inside."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from nba_resources.errors import UserError
from nba_resources.objects.store import ObjectMissing, ObjectStore

FOLDER = Path(__file__).parent
START, ROOT, DOCUMENTS = "index.html", "exports/", "exports/v1/"
CARD = f"{DOCUMENTS}board/tonight.json"
OF_TONIGHT = (CARD, f"{DOCUMENTS}board/player/")  # what one file holds
MAX_AGE = 300  # seconds: a new page reaches readers within five minutes
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([a-z_]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const|let) (\w+)", re.MULTILINE)
_POLICY = re.compile(r'(?<=content=")default-src[^"]+')


class NotPublished(UserError, RuntimeError):
    """There are no documents of tonight to show."""


def paths() -> dict[str, Path]:
    """Return where each file of the page is, by name."""
    kinds = (".html", ".css", ".js", ".svg")
    return {path.name: path for path in sorted(FOLDER.iterdir()) if path.suffix in kinds}


def files() -> dict[str, bytes]:
    """Return the page's files by name."""
    return {name: path.read_bytes() for name, path in paths().items()}


def version() -> str:
    """Return a hash of the page's files."""
    return hashlib.sha256(b"".join(files().values())).hexdigest()[:12]


def write_page(objects: ObjectStore, root: str = ROOT) -> list[str]:
    """Write the files that differ beside the documents, the start page last; return their names."""
    ordered = sorted(files().items(), key=lambda file: file[0] == START)
    return [name for name, content in ordered if _write(objects, root + name, content)]


def copy_page(source: ObjectStore, target: ObjectStore) -> list[str]:
    """Write the page and all documents to the root of a store, for any static host; return the changed paths."""
    paths = source.paths(DOCUMENTS)
    if not paths:
        raise NotPublished(f"{source.root} has no documents yet: run `nba publish` first")
    changed = [path for path in paths if _write(target, path.removeprefix(ROOT), source.read(path))]
    return changed + write_page(target, root="")


def single_page(objects: ObjectStore) -> bytes:
    """Return one file with the card and the players of tonight; it loads nothing and may be opened from a disk."""
    documents = _documents(objects)
    script, style = _one_script(), files()["style.css"].decode()
    icon = base64.b64encode(files()["icon.svg"]).decode()
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    page = _POLICY.sub(policy, files()[START].decode())
    parts = {
        '<link rel="icon" href="icon.svg">': f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">',
        '<link rel="stylesheet" href="style.css">': f"<style>{style}</style>",
        '<script type="module" src="app.js"></script>': (
            f'<script type="application/json" id="documents">{documents}</script>\n'
            f'<script type="module">{script}</script>'
        ),
    }
    for written, inside in parts.items():
        if page.count(written) != 1:
            raise ValueError(f"{START} has {page.count(written)} times {written}, expected once")
        page = page.replace(written, inside)
    return page.encode()


def _documents(objects: ObjectStore) -> str:
    """Return the documents of tonight as JSON that may stand in a script element: they have no `<`."""
    paths = [path for path in objects.paths(f"{DOCUMENTS}board/") if path.startswith(OF_TONIGHT)]
    if CARD not in paths:
        raise NotPublished(f"{objects.root} has no card of tonight: run `nba publish` first")
    documents = {path.removeprefix(DOCUMENTS): json.loads(objects.read(path)) for path in paths}
    text = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _one_script() -> str:
    """Return all modules as one: each becomes a function that returns what it exports, after those it imports."""
    sources = {name[:-3]: content.decode() for name, content in files().items() if name.endswith(".js")}
    return "\n".join(_as_function(name, sources[name]) for name in in_order("app", sources))


def _as_function(name: str, source: str) -> str:
    exported = ", ".join(match[2] for match in _EXPORT.finditer(source))
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(r"const \1 = \2_js;\n", source))
    return f"const {name}_js = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def in_order(start: str, sources: Mapping[str, str]) -> list[str]:
    """Return the modules that one imports, itself last."""
    found: list[str] = []

    def visit(name: str) -> None:
        for _, imported in _IMPORT.findall(sources[name]):
            if imported not in found:
                visit(imported)
        found.append(name)

    visit(start)
    return found


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _write(objects: ObjectStore, path: str, content: bytes) -> bool:
    """Write a file unless it is stored already; return whether it was written."""
    try:
        if objects.read(path) == content:
            return False
    except ObjectMissing:
        pass
    objects.write(path, content, max_age=MAX_AGE)
    return True
