from __future__ import annotations

from hypothesis import HealthCheck, settings

# Every run uses the same examples, so that a change does not fail for unrelated reasons.
# `--hypothesis-profile=explore` tries other examples.
settings.register_profile(
    "project",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", settings.get_profile("project"), derandomize=False, max_examples=1000
)
settings.load_profile("project")
