"""Customer-management plans and the objectives they are measured by."""

from planning.models.plans import Objective, Plan

__all__ = ["Objective", "Plan"]
