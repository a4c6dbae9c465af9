"""Plans with their objectives beside the live figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crm import kpis
from crm.models import Tenant
from planning.models import Objective, Plan


@dataclass(frozen=True)
class Standing:
    """An objective and where it stands; ``value`` is None where nothing can be measured yet."""

    objective: Objective
    kpi: kpis.Kpi | None
    value: kpis.Value | None

    @property
    def met(self) -> bool | None:
        if self.value is None or self.kpi is None:
            return None
        if self.kpi.better == "up":
            return self.value.number >= self.objective.target
        return self.value.number <= self.objective.target


def standings_of(plan: Plan, tenant: Tenant) -> list[Standing]:
    """Each KPI is measured over the plan's own days so far, at least the last 90."""
    end = min(tenant.today(), plan.ends_on)
    period = kpis.Period(min(plan.starts_on, end - timedelta(days=89)), end)
    found = []
    for objective in plan.objectives.select_related("owner"):
        kpi = kpis.get(objective.kpi)
        found.append(Standing(objective, kpi, kpi.compute(period) if kpi else None))
    return found
