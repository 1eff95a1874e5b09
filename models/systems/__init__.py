"""All prediction systems, in the order they run: the ensemble after its members, the references last."""

from models.systems.base import System, SystemId
from models.systems.ensemble import ENSEMBLE
from models.systems.moving_average import MOVING_AVERAGE
from models.systems.references import MARKET_LINE, SEASON_AVERAGE
from models.systems.similarity_balanced import SIMILARITY
from models.systems.trees import CATBOOST, CATBOOST_EXTENDED, MARKET_ANCHORED, XGBOOST
from models.systems.zone_matchup import ZONE_MATCHUP

SYSTEMS = (
    *(MOVING_AVERAGE, ZONE_MATCHUP, SIMILARITY, XGBOOST, CATBOOST),
    *(ENSEMBLE, CATBOOST_EXTENDED, MARKET_ANCHORED, SEASON_AVERAGE, MARKET_LINE),
)
SYSTEMS_BY_ID: dict[SystemId, System] = {system.id: system for system in SYSTEMS}
