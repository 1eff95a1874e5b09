"""Documentation names modules, decisions and files that exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGES = ("nba_platform", "nba_checks", "nba_assets", "nba_resources", "nba_site", "models")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "deploy")
FILES = {f"/{path.relative_to(ROOT)}" for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
MODULE = re.compile(r"(?<![\w/])(?:nba_(?:platform|checks|assets|resources|site)|models)(?:\.[A-Za-z_]\w*)+(?![\w/*])")
PYTHON_FILE = re.compile(r"[\w./-]*\w\.py\b")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def exists(dotted: str) -> bool:
    """Return whether a dotted name is a module, or an attribute of one."""
    for name, attribute in ((dotted, None), dotted.rsplit(".", 1)):
        try:
            spec = find_spec(name)
        except ModuleNotFoundError:
            continue
        if spec and spec.origin and (not attribute or attribute in Path(spec.origin).read_text(encoding="utf-8")):
            return True
    return False


def missing_names(text: str, folder: Path) -> list[str]:
    """Return the modules, Python files and linked files that a page names and that do not exist."""
    files = [
        name
        for name in PYTHON_FILE.findall(text)
        if name[0] != "/" and not any(one.endswith(f"/{name}") for one in FILES)
    ]
    files = [name for name in files if not (folder / name).exists()]
    modules = [name for name in MODULE.findall(text) if not name.endswith(".py") and not exists(name)]
    links = [target for target in LINK.findall(text) if not (folder / target).exists()]
    return [*files, *modules, *links]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_file_and_link_of_a_page_exists(page: Path):
    assert missing_names(page.read_text(encoding="utf-8"), page.parent) == []


@pytest.mark.parametrize(
    "name", ["nba_assets/kit/bench.py", "gone.py", "nba_platform.gone", "nba_platform.definitions.gone", "[a](gone.md)"]
)
def test_a_name_that_does_not_exist_is_found(name: str):
    assert missing_names(f"see {name} for it", ROOT)


def test_the_index_lists_every_decision_with_its_number_and_title():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\) \| .+ \|$", index, re.MULTILINE)
    assert listed == [
        (*re.findall(r"# (\d+)\. (.+)", path.read_text(encoding="utf-8").splitlines()[0])[0], path.name)
        for path in DECISIONS
    ]


def test_pre_commit_runs_the_ruff_and_mypy_of_make_lint():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    lint = re.findall(r"\$\(BIN\)/((?:ruff|mypy).*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    commands = [line.removesuffix(" .") for line in lint]
    assert commands == ["ruff check", "ruff format --check", "mypy"]
    assert all(f"entry: .venv/bin/{command}" in hooks for command in commands)


def test_every_package_is_typed():
    assert all((ROOT / folder / "py.typed").exists() for folder in FOLDERS if list((ROOT / folder).glob("__init__.py")))


def test_the_changelog_begins_with_the_version_that_is_installed():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.findall(r'^version = "(.+)"', project, re.MULTILINE)
    assert re.findall(r"^## ([\d.]+)", changelog, re.MULTILINE)[:1] == version


def test_the_workflow_calls_ci_run_and_nothing_else():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"run: (.+)", workflow) == [".ci/run"]
