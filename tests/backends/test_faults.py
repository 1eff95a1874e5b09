"""Faults of BigQuery and the network during a write: no row is lost or doubled, and errors are clear."""

import uuid

import pytest
from google.api_core.exceptions import BadRequest

from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse

from .scores import ALL_THREE, SCORES, loaded, rows, score, stored
from .unreliable import Fault, Network, anything, job_id, moves_rows, stages, starts_a_job, uploads

OLD, NEW = {"s": 90, "m": 101, "t": 112}, {"a": 100, "b": 7}


@pytest.fixture
def warehouse(network: Network) -> BigQueryWarehouse:
    project = f"faults-{uuid.uuid4().hex[:12]}"
    return loaded(BigQueryWarehouse(project=project, endpoint=network.address, patience_seconds=30, answer_seconds=20))


def replace(warehouse: BigQueryWarehouse) -> None:
    warehouse.replace(SCORES, ALL_THREE, rows(score("a"), score("b", pts=7)))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(anything, times=3, status=503),
        Fault(anything, times=2, status=429, reason="rateLimitExceeded"),
        Fault(starts_a_job, times=2, status=500, reason="internalError"),
        Fault(moves_rows, status=502),
        Fault(moves_rows, status=504),
        Fault(moves_rows, cuts=True),
        Fault(moves_rows, loses_response=True),
        Fault(uploads, cuts=True),
        Fault(uploads, loses_response=True),
        Fault(uploads, status=503),
        Fault(moves_rows, fails_job="backendError"),
        Fault(stages, fails_job="jobRateLimitExceeded"),
    ],
    ids=[
        *("three 503", "two 429", "two 500", "502", "504", "cut before the job", "response of the job lost"),
        *("cut mid-upload", "response of the upload lost", "503 mid-upload", "job failed in BigQuery", "job limited"),
    ],
)
def test_temporary_faults_are_retried_and_the_rows_are_stored_once(
    network: Network, warehouse: BigQueryWarehouse, fault: Fault
):
    network.faults = [Fault(**vars(fault))]
    replace(warehouse)
    assert network.faults[0].times == 0
    network.faults = []
    assert stored(warehouse) == NEW


def test_an_append_whose_response_was_lost_is_not_repeated(network: Network, warehouse: BigQueryWarehouse):
    """A second job would store nothing twice, but BigQuery would bill it."""
    network.faults = [Fault(moves_rows, loses_response=True)]
    warehouse.append(SCORES, ALL_THREE, rows(score("a")))
    moved = [request for request in network.seen if moves_rows(request)]
    assert len({job_id(request) for request in moved[-2:]}) == 1
    assert stored(warehouse) == OLD | {"a": 100}


def test_a_job_that_fails_after_its_delete_leaves_the_old_rows(network: Network, warehouse: BigQueryWarehouse):
    def broken(body: bytes) -> bytes:
        return body.replace(b"INSERT INTO", b"SELECT ERROR('the disk is full'); INSERT INTO")

    network.faults = [Fault(moves_rows, rewrites=broken)]
    with pytest.raises(BadRequest, match="the disk is full"):
        replace(warehouse)
    assert stored(warehouse) == OLD


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(starts_a_job, 10_000, status=503), "did not complete the request, retries included: .*run again later"),
        (Fault(starts_a_job, 10_000, cuts=True), "did not complete the request, retries included: .*run again later"),
        (
            Fault(moves_rows, 10_000, fails_job="backendError"),
            "did not complete .*: Something went wrong on our side",
        ),
        (Fault(moves_rows, status=403, reason="quotaExceeded"), "quota is used up .quotaExceeded.: .*Wait, or request"),
        (Fault(moves_rows, status=403, reason="accessDenied"), "denied access: .*roles bigquery.dataEditor and"),
        (Fault(moves_rows, status=400, reason="bytesBilledLimitExceeded"), "may: .*raise NBA_BIGQUERY_MAX_GB"),
        (
            Fault(anything, 10_000, status=404, reason="notFound"),
            "found no such project, dataset or table|never materialised",
        ),
    ],
    ids=["always 503", "always cut", "always failing", "quota", "permission", "bytes", "project"],
)
def test_permanent_faults_are_reported_in_one_line_and_the_old_rows_stay(
    network: Network, warehouse: BigQueryWarehouse, fault: Fault, expected: str
):
    impatient = warehouse.model_copy(update={"patience_seconds": 1.0})
    network.faults = [fault]
    with pytest.raises(WarehouseUnavailable, match=expected) as error:
        replace(impatient)
    assert "\n" not in str(error.value)
    network.faults = []
    assert stored(warehouse) == OLD


def test_a_staged_table_that_cannot_be_dropped_does_not_undo_the_write(network: Network, warehouse: BigQueryWarehouse):
    network.faults = [Fault(lambda request: request.method == "DELETE", 10_000, status=403, reason="accessDenied")]
    replace(warehouse)
    network.faults = []
    assert stored(warehouse) == NEW
