from django.utils import timezone

from crm.demo import Scene
from crm.models import Member
from planning.demo import OBJECTIVES, make_plan
from planning.models import Objective, Plan
from tests.cases import TenantTestCase


class Demo(TenantTestCase):
    def test_a_plan_for_the_year_with_an_objective_for_each_figure(self):
        scene = Scene(self.acme, 10, 1, timezone.now(), "zh-hans", list(Member.objects.all()))
        made = make_plan(scene)
        self.assertEqual(made, {"plans": 1, "objectives": len(OBJECTIVES)})
        plan = Plan.objects.get()
        self.assertIn("客户", plan.name)
        for one in Objective.objects.all():
            self.assertTrue(plan.starts_on < one.due_on <= plan.ends_on)
            self.assertEqual(one.owner.role, plan.owner.role)
