"""The compiled SQL of every table, which code versions need, from templates that processes share.

Compiling all tables takes seconds in every run, UI worker and command; those that start at the same time wait for one.
"""

from collections.abc import Mapping

from nba_assets.kit.table import Table
from nba_resources.warehouse.sql.templates import TemplateFolder


def compiled_sql(tables: Mapping[str, Table], templates: TemplateFolder) -> Mapping[str, str]:
    """Return the SQL of each table by name; what is not stored yet is compiled and stored."""
    templates.remove_outdated()
    with templates.compiling():
        return {name: table.sql(tables, templates=templates) for name, table in tables.items()}
