from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run, so that nobody's change fails for what it did not do. Whoever
# wants others runs it with `--hypothesis-profile=explore`.
settings.register_profile(
    "project",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", settings.get_profile("project"), derandomize=False, max_examples=1000
)
settings.load_profile("project")
