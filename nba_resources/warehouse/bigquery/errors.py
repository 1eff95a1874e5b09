"""What BigQuery says, turned into what a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

import ibis.expr.operations as ops
import ibis.expr.types as ir
from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, NotFound, RetryError
from google.auth.exceptions import GoogleAuthError

from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract_checks import never_materialised

_QUOTA = ("quotaExceeded", "billingTierLimitExceeded", "rateLimitExceeded")
_TOO_MANY_BYTES = "bytesBilledLimitExceeded"


@contextmanager
def teaching(project: str, rows: ir.Table | None = None) -> Iterator[None]:
    """Quota, permission, a missing project or table, silence: each named, with what to do; the rest is our mistake."""
    try:
        yield
    except NotFound as error:
        tables = rows.op().find(ops.UnboundTable) if rows is not None else ()
        if not tables or "not found: project" in error.message.lower():
            raise WarehouseUnavailable(
                f"BigQuery knows no such thing: {_line(error)} Is {project} the right project, and its location right?"
            ) from None
        raise never_materialised(_line(error), (f"{t.namespace.database}.{t.name}" for t in tables)) from None
    except Forbidden as error:
        raise WarehouseUnavailable(_refused(project, error)) from None
    except BadRequest as error:
        if _TOO_MANY_BYTES not in _reasons(error):
            raise
        raise WarehouseUnavailable(
            f"BigQuery would read more than one statement may: {_line(error)} Ask for fewer dates, or raise "
            f"NBA_BIGQUERY_MAX_GB."
        ) from None
    except RetryError as error:
        why = error.cause or error
        raise WarehouseUnavailable(
            f"BigQuery did not do it, however often it was asked: {_line(why)} Nothing half-written is left: "
            f"run again later."
        ) from None
    except GoogleAuthError as error:
        raise WarehouseUnavailable(
            f"BigQuery cannot be reached as anybody ({_line(error)}): set GOOGLE_APPLICATION_CREDENTIALS or run "
            f"`gcloud auth application-default login`."
        ) from None


def _refused(project: str, error: Forbidden) -> str:
    if quota := _reasons(error).intersection(_QUOTA):
        return f"BigQuery's quota is used up ({', '.join(sorted(quota))}): {_line(error)} Wait, or ask for more quota."
    return (
        f"BigQuery does not let us: {_line(error)} In {project} we need the roles bigquery.dataEditor and "
        f"bigquery.jobUser; a table that does not exist is refused in the same words."
    )


def _reasons(error: GoogleAPICallError) -> set[str]:
    return {str(told.get("reason")) for told in error.errors or []}


def _line(error: BaseException) -> str:
    text = error.message if isinstance(error, GoogleAPICallError) else str(error)
    return " ".join(text.split())
