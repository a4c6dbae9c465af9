from django.urls import reverse

from crm.models import Notification
from crm.services.notifications import notify
from tests.cases import BrowserTestCase


class Notifications(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            for member, title in (
                (self.alice, "Call Zoë"),
                (self.alice, "Call Ann"),
                (self.lead, "Of the lead"),
            ):
                notify(member=member, kind="x", title=title, url="/customers/", dedup_key=title)

    def unread(self):
        with self.inside():
            return set(Notification.objects.filter(read_at=None).values_list("title", flat=True))

    def test_shows_a_member_their_own(self):
        page = self.sign_in(self.alice).get("/notifications/")
        self.assertContains(page, "Call Zoë")
        self.assertNotContains(page, "Of the lead")

    def test_reading_one_goes_where_it_points(self):
        with self.inside():
            note = Notification.objects.get(title="Call Zoë")
        response = self.sign_in(self.alice).post(reverse("read-notification", args=[note.pk]))
        self.assertRedirects(response, "/customers/", fetch_redirect_response=False)
        self.assertEqual(self.unread(), {"Call Ann", "Of the lead"})

    def test_all_of_ones_own_can_be_taken_as_read(self):
        self.sign_in(self.alice).post(reverse("read-notifications"))
        self.assertEqual(self.unread(), {"Of the lead"})

    def test_another_members_note_is_not_found(self):
        with self.inside():
            note = Notification.objects.get(title="Of the lead")
        response = self.sign_in(self.alice).post(reverse("read-notification", args=[note.pk]))
        self.assertEqual((response.status_code, "Of the lead" in self.unread()), (404, True))

    def test_the_bell_tells_how_many_wait_and_stops_counting_at_nine(self):
        browser = self.sign_in(self.alice)
        self.assertContains(browser.get("/notifications/"), "2 unread")
        with self.inside():
            for number in range(9):
                notify(member=self.alice, kind="x", title="More", dedup_key=f"more {number}")
        self.assertContains(browser.get("/notifications/"), "9+ unread")
        part = browser.get("/notifications/", headers={"HX-Request": "true"})
        self.assertNotContains(part, " unread")
