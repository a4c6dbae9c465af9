from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.test import SimpleTestCase, override_settings
from django.utils import timezone, translation

from crm import formats

NOW = datetime(2025, 11, 21, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai


class Amounts(SimpleTestCase):
    def test_money_has_its_currency_and_as_many_digits_as_the_currency(self):
        self.assertEqual(formats.money_text(852_012_527, "GBP"), "£8,520,125.27")
        self.assertEqual(formats.money_text(-84_050, "USD"), "-$840.50")
        self.assertEqual(formats.money_text(84_000, "JPY"), "JP¥84,000")
        self.assertEqual(formats.money_text(8_400_000, "CNY", whole=True), "¥84,000")

    def test_the_yuan_and_the_yen_keep_their_signs_in_chinese(self):
        with translation.override("zh-hant"):
            self.assertEqual(formats.money_text(8_400_000, "CNY"), "¥84,000.00")
            self.assertEqual(formats.money_text(84_000, "JPY"), "JP¥84,000")

    def test_numbers_are_no_longer_than_they_have_to_be(self):
        self.assertEqual(formats.number_text(1_234_567), "1,234,567")
        self.assertEqual(formats.number_text(Decimal("3.10"), digits=2), "3.1")
        self.assertEqual(formats.number_text(-0.2), "0")

    def test_a_count_stops_at_its_limit(self):
        self.assertEqual(formats.bounded_text(10_000), "10,000")
        self.assertEqual(formats.bounded_text(10_001), "10,000+")

    def test_a_share_is_a_percentage(self):
        self.assertEqual(formats.percent_text(0.1234, digits=1), "12.3%")


@override_settings(TIME_ZONE="Asia/Shanghai")
class Moments(SimpleTestCase):
    def setUp(self):
        self.enterContext(timezone.override("Asia/Shanghai"))

    def seen(self, **away):
        return formats.moment_text(NOW + timedelta(**away), now=NOW)

    def test_a_moment_is_told_from_now(self):
        self.assertEqual(self.seen(seconds=-20), "now")
        self.assertEqual(self.seen(minutes=-12), "12 minutes ago")
        self.assertEqual(self.seen(hours=2), "in 2 hours")
        self.assertEqual(self.seen(days=-3), "3 days ago")
        self.assertEqual(self.seen(days=-400), "17 Oct 2024")

    def test_yesterday_is_the_day_before_in_the_active_time_zone(self):
        self.assertEqual(self.seen(hours=-14), "14 hours ago")  # 00:30 of the same day in Shanghai
        self.assertEqual(self.seen(hours=-15), "yesterday")

    def test_what_is_due_says_the_hour_today_and_how_late_it_is(self):
        self.assertEqual(formats.due_text(NOW + timedelta(hours=2), now=NOW), "16:30")
        self.assertEqual(formats.due_text(NOW - timedelta(days=3), now=NOW), "3 days late")
        self.assertEqual(formats.due_text(NOW - timedelta(seconds=3), now=NOW), "1 minute late")

    def test_days_near_by_have_names(self):
        today = date(2025, 11, 21)
        self.assertEqual(formats.day_text(today, today=today), "Today")
        self.assertEqual(formats.day_text(date(2025, 11, 28), today=today), "Fri, 28 Nov")
        self.assertEqual(formats.day_text(date(2024, 3, 12), today=today), "12 Mar 2024")

    def test_chinese_days_are_written_the_chinese_way(self):
        with translation.override("zh-hans"):
            self.assertEqual(formats.exact_text(NOW), "2025年11月21日周五 14:30")
            self.assertEqual(self.seen(minutes=-12), "12分钟前")


class Initials(SimpleTestCase):
    def test_names_of_two_scripts(self):
        told = {
            "Ada Lovelace": "AL",
            "Acme": "A",
            "王小明": "小明",
            "李": "李",
            "上海云岭有限公司": "上海",
            "": "?",
        }
        self.assertEqual({name: formats.initials_of(name) for name in told}, told)


class Templates(SimpleTestCase):
    def test_leave_days_and_moments_to_our_formats(self):
        """Django's own would show "Nov. 22, 2026, 5:29 p.m." beside "Sun, 22 Nov"."""
        folder = settings.BASE_DIR / "templates"
        found = [str(path) for path in folder.rglob("*.html") if "_FORMAT" in path.read_text()]
        self.assertEqual(found, [])
