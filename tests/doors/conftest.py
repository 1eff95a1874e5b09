from ..nba_platform.conftest import filled, filled_home, home, nothing_else_set  # noqa: F401 - the homes of the commands' tests
