"""Turn errors of BigQuery into messages that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import ibis.expr.operations as ops
import ibis.expr.types as ir
from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, NotFound, RetryError
from google.auth.exceptions import GoogleAuthError

from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract_checks import missing_table

_QUOTA = {"quotaExceeded", "billingTierLimitExceeded", "rateLimitExceeded"}
_TOO_MANY_BYTES = "bytesBilledLimitExceeded"


@contextmanager
def explained_errors(project: str, rows: ir.Table | None) -> Iterator[None]:
    """Raise `WarehouseUnavailable` for errors outside our code: quota, permission, a missing project, no response."""
    try:
        yield
    except NotFound as error:
        if rows is None or not rows.op().find(ops.UnboundTable) or "not found: project" in error.message.lower():
            raise WarehouseUnavailable(
                f"BigQuery found no such project, dataset or table: {_line(error)} Check the project {project} and its "
                f"location."
            ) from None
        raise missing_table(_line(error), rows) from None
    except Forbidden as error:
        if quota := _reasons(error) & _QUOTA:
            message = f"BigQuery's quota is used up ({', '.join(sorted(quota))}): {_line(error)} Wait, or request more."
        else:
            message = (
                f"BigQuery denied access: {_line(error)} The account needs the roles bigquery.dataEditor and "
                f"bigquery.jobUser in {project}; BigQuery reports a table that does not exist in the same way."
            )
        raise WarehouseUnavailable(message) from None
    except BadRequest as error:
        if _TOO_MANY_BYTES not in _reasons(error):
            raise
        raise WarehouseUnavailable(
            f"BigQuery would read more than one statement may: {_line(error)} Request fewer dates, or raise "
            f"NBA_BIGQUERY_MAX_GB."
        ) from None
    except RetryError as error:
        raise WarehouseUnavailable(
            f"BigQuery did not complete the request, retries included: {_line(error.cause or error)} "
            f"Nothing half-written is left: run again later."
        ) from None
    except GoogleAuthError as error:
        raise WarehouseUnavailable(
            f"BigQuery cannot be reached without valid credentials ({_line(error)}): set "
            f"GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`."
        ) from None


def _reasons(error: GoogleAPICallError) -> set[str]:
    return {str(detail.get("reason")) for detail in error.errors or []}


def _line(error: BaseException) -> str:
    text = error.message if isinstance(error, GoogleAPICallError) else str(error)
    return " ".join(text.split())
