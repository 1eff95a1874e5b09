"""The files that are written and served: those of the page, beside documents, and never anything else."""

import gzip
import re
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from nba_resources.objects.store import ObjectStore
from nba_site.page import DOCUMENTS, NotPublished, copy_page, files, in_order, single_page, write_page
from nba_site.server import page_server

CARD = b'{"schema_version":2}\n'


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    store = ObjectStore(root=str(tmp_path / "objects"))
    store.write(f"{DOCUMENTS}board/tonight.json", CARD)
    store.write("models/secret.json", b"{}")
    return store


def answer(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def test_the_page_is_written_once_and_its_start_last(objects: ObjectStore):
    """A reader who comes between two writes must not start a page whose modules are not there yet."""
    assert write_page(objects)[-1] == "index.html"
    assert write_page(objects) == []
    assert objects.read("exports/index.html") == files()["index.html"]


def test_a_copy_has_page_and_documents_and_nothing_else_of_the_store(objects: ObjectStore, tmp_path: Path):
    target = ObjectStore(root=str(tmp_path / "public"))
    copy_page(objects, target)
    assert {*target.paths()} == {*files(), "v1/board/tonight.json"}
    assert copy_page(objects, target) == []


def test_without_documents_there_is_nothing_to_copy_or_send(tmp_path: Path):
    empty = ObjectStore(root=str(tmp_path))
    with pytest.raises(NotPublished, match="run `nba publish` first"):
        copy_page(empty, empty)
    with pytest.raises(NotPublished, match="run `nba publish` first"):
        single_page(empty)


def test_one_file_names_no_other_and_a_name_cannot_end_its_script(objects: ObjectStore):
    objects.write(f"{DOCUMENTS}board/tonight.json", b'{"name":"</script><script>alert(1)</script>"}')
    page = single_page(objects).decode()
    assert re.findall(r'(?:src|href)="(?!#|data:)([^"]*)"', page) == []
    assert "</script><script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 2


def test_modules_come_after_those_they_import():
    sources = {
        "a": 'import { b } from "./b.js";\nimport { c } from "./c.js";\n',
        "b": 'import { c } from "./c.js";\n',
        "c": "",
    }
    assert in_order("a", sources) == ["c", "b", "a"]


def test_the_page_loads_only_files_of_its_own_folder():
    """Every import names a module of the folder, and no address of another host is in it."""
    for name, content in files().items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, name
        assert "https://" not in text, name
        assert all(found in files() for found in re.findall(r'from "\./([^"]+)"', text)), name


def test_all_its_own_code_is_under_sixty_kilobytes_compressed():
    assert sum(len(gzip.compress(content)) for content in files().values()) < 60_000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/app.js", 200),
        ("/v1/board/tonight.json", 200),
        ("/v1/board/tomorrow.json", 404),
        ("/page.py", 404),
        ("/models/secret.json", 404),
        ("/v1/../../models/secret.json", 404),
        ("/v1/%2e%2e/%2e%2e/models/secret.json", 404),
        ("/v1//etc/passwd.json", 404),
    ],
)
def test_the_server_answers_with_the_page_and_documents_only(objects: ObjectStore, path: str, status: int):
    with page_server(objects, port=0) as server:
        found, headers, _ = answer(server.server_port, path)
    assert found == status
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_another_name_than_this_machines_is_refused(objects: ObjectStore):
    """A page elsewhere could let its name point here and read the answers."""
    with page_server(objects, port=0) as server:
        assert answer(server.server_port, "/", Host="evil.example:80")[0] == 403
        assert answer(server.server_port, "/", Host=f"localhost:{server.server_port}")[0] == 200


def test_a_taken_port_is_refused_or_another_one_taken(objects: ObjectStore):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), page_server(objects, port):
            pass
        with page_server(objects, port, or_any=True) as server:
            assert server.server_port != port
            assert answer(server.server_port, "/v1/board/tonight.json")[2] == CARD
