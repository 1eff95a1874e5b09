import pytest

from models.errors import ModelError
from models.evaluation.graded_predictions import BadGrades
from models.inference.forecast import NoSuchLine
from models.training.learners import UnusableModel
from models.training.registry import NoSuchModel


@pytest.mark.parametrize("error", [BadGrades, NoSuchLine, NoSuchModel, UnusableModel])
def test_errors_a_person_can_fix_share_one_base(error: type[Exception]):
    assert issubclass(error, ModelError)
