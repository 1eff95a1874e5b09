"""When and how tables are computed: schedules, sensors, automation, backfills, health of runs."""
