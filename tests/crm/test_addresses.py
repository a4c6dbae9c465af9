"""Addresses that are kept are those Django would give."""

from django.http import HttpResponse
from django.test import SimpleTestCase, override_settings
from django.urls import NoReverseMatch, path, set_script_prefix
from django.urls import reverse as put_together

from crm.addresses import reverse

urlpatterns = [path("elsewhere/", lambda request: HttpResponse(), name="search")]


class Kept(SimpleTestCase):
    def test_it_is_the_same_address_each_time(self):
        for _again in range(2):
            self.assertEqual(reverse("search"), put_together("search"))
            self.assertEqual(
                reverse("new-export", args=["contacts"]), put_together("new-export", args=["contacts"])
            )
            with self.assertRaises(NoReverseMatch):
                reverse("no-such-page")

    def test_other_addresses_and_another_prefix_are_not_mixed_up(self):
        before = reverse("search")
        with override_settings(ROOT_URLCONF=__name__):
            self.assertEqual(reverse("search"), "/elsewhere/")
        self.addCleanup(set_script_prefix, "/")
        set_script_prefix("/crm/")
        self.assertEqual(reverse("search"), f"/crm{before}")
