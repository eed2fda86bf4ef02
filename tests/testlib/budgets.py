"""Budgets that a run of thousands of mails in a minute does not use up; every one of them is asked nevertheless."""

from __future__ import annotations

import tomllib

WIDE = """
[budgets]
address = ["1000/1h", "1000/24h"]
domain = ["1000000/1h", "1000000/24h"]
unanswered = ["1000/7d"]
breaker = ["1000000/1m", "1000000/1h"]
tickets = "1000/1h"
"""

WIDE_BUDGETS: dict[str, object] = tomllib.loads(WIDE)["budgets"]
