import random
from datetime import UTC, date

from django.test import SimpleTestCase

from customers import normalize
from customers.imports import columns, values
from customers.imports.fields import Field
from customers.imports.mapping import guess, head_of
from customers.imports.reading import told_apart
from customers.imports.totals import is_total
from tests.cases import TenantTestCase


class ShortWays(SimpleTestCase):
    """What imports write for searching is what a form would have written."""

    def test_phone_numbers(self):
        rng = random.Random(1)
        shapes = (
            "+44 {} {}",
            "+44{}{}",
            "+33 {}-{}",
            "+49 {} {}",
            "+86 138 {}{}",
            "+86 15{}{}",
            "0{}{}",
            "13{}{}",
            "+1 {} {}",
        )
        for _ in range(2_000):
            shape, region = rng.choice(shapes), rng.choice(("GB", "CN", "US"))
            phone = shape.format(
                rng.randrange(10 ** rng.randint(2, 5)), rng.randrange(10 ** rng.randint(4, 7))
            )
            with self.subTest(phone=phone, region=region):
                self.assertEqual(columns.phone_norms([phone], region), [normalize.phone_norm(phone, region)])

    def test_names_and_addresses(self):
        for name in ("  Two  Words\tLtd ", "ÅNGSTRÖM ＆ Co", "远山 服务", "A" * 300, "x\x1cy"):
            self.assertEqual(columns.name_norms([name]), [normalize.name_norm(name)])
            self.assertEqual(columns.pinyins([name]), [normalize.pinyin_of(name)])
        self.assertEqual(columns.email_norms(["Ada@Example.COM"]), [normalize.email_norm("Ada@Example.COM")])


class Emails(SimpleTestCase):
    def test_two_signs_are_one_too_many(self):
        self.assertEqual(values.email("zhao@xinlv.example"), "zhao@xinlv.example")
        with self.assertRaises(ValueError):
            values.email("zhao@@xinlv.example")

    def test_is_taken_out_of_what_mail_programs_copy(self):
        for written in ("Ada Byron <ada@post.example>", "<ada@post.example>", "mailto:ada@post.example"):
            self.assertEqual(values.email(written), "ada@post.example")
        for written in ("a@x.example;b@x.example", "a@x.example、b@x.example"):
            with self.assertRaisesMessage(ValueError, "more than one e-mail address: keep one"):
                values.email(written)


class Headings(TenantTestCase):
    def test_mean_the_same_in_traditional_characters_and_full_width(self):
        meant = {
            "客戶名稱": "name",
            "Ｅ－ｍａｉｌ": "email",
            "郵件調查同意": "consent_email_surveys",
            "電子郵件行銷同意": "consent_email_marketing",
            "簡訊關懷同意": "consent_message_care",
            "授權日期": "consent_at",
        }
        self.assertEqual(guess("customers", [*meant, "＊＊"]), meant)


class Nothing(SimpleTestCase):
    def column(self, reads, *written):
        setting = columns.Setting(UTC, "CN", day_first=False, members={})
        column = columns.column_of(Field("x", "X", (), reads), "X", 0, [], setting)
        return column.read(written), column.bad

    def test_words_for_nothing_are_blank_where_they_cannot_be_meant(self):
        words = ("-", "—", "n/a", "#N/A", "无", "無", "暂无")
        for reads in ("email", "phone", "day", "money", "member"):
            self.assertEqual(self.column(reads, *words), ([None] * len(words), []))

    def test_a_text_keeps_them(self):
        self.assertEqual(self.column("text", "-", "无"), (["-", "无"], []))

    def test_what_means_something_else_is_still_refused(self):
        found, bad = self.column("phone", "后补")
        self.assertEqual((found, bad), ([None], [(0, "后补", "not a phone number")]))


class ColumnNames(SimpleTestCase):
    """The line that names the columns."""

    def test_columns_of_one_name_are_told_apart(self):
        self.assertEqual(
            told_apart(["name", "phone", "", "phone", "phone (2)", "", "phone", "Phone"]),
            ["name", "phone", "", "phone (3)", "phone (2)", "", "phone (4)", "Phone"],
        )

    def head(self, *rows):
        return head_of("products", [(line, list(row)) for line, row in enumerate(rows, start=1)])

    def test_is_the_first_where_it_names_fields(self):
        self.assertEqual(self.head(("Code", "Price"), ("S-1", "1")), 1)

    def test_stands_below_a_title_and_a_note(self):
        rows = (("Expo 2026", "", ""), ("by Ada", "11/20", ""), ("SKU", "List price", "Colour"))
        self.assertEqual(self.head(*rows), 3)

    def test_is_told_by_its_width_where_no_heading_is_known(self):
        self.assertEqual(self.head(("Expo 2026", "", ""), ("Alpha", "Beta", "Gamma"), ("1", "2", "3")), 2)

    def test_is_the_first_where_nothing_tells(self):
        self.assertEqual(self.head(("Alpha", "Beta"), ("1", "2")), 1)
        self.assertEqual(self.head(("Alpha",), ("1",)), 1)
        self.assertEqual(self.head(), 0)


class Days(SimpleTestCase):
    def test_months_in_letters_are_read_as_spreadsheets_write_them(self):
        read = values.day(day_first=True)
        for written in ("7 May 2023", "May 7, 2023", "07-May-23", "7th may 2023", "07/05/2023", "2023-05-07"):
            with self.subTest(written):
                self.assertEqual(read(written), date(2023, 5, 7))
        for written in ("民国109年5月17日", "民國 109/5/17", "109.5.17", "109-05-17"):
            with self.subTest(written):
                self.assertEqual(read(written), date(2020, 5, 17))
        for written in ("May 2023", "7 May 8, 2023", "31 Feb 2024", "7 Foo 2023", "44562"):
            with self.subTest(written), self.assertRaises(ValueError):
                read(written)


class Totals(SimpleTestCase):
    def found(self, *cells, telling=()):
        return is_total(cells, at=(1,), telling=telling)

    def test_a_word_of_totals_beside_nothing_but_figures(self):
        for cells in (
            ("合计", "", "12", "¥1,234.50"),
            ("", "总 计：", "12家"),
            ("华东小计", "", "300"),
            ("Sub-total", "", "(3.5)"),
            ("26", "Grand Total", "９９"),
        ):
            with self.subTest(cells):
                self.assertIs(self.found(*cells), True)

    def test_anything_else_says_that_it_is_a_record(self):
        self.assertIs(self.found("Total", "", "info@total.example", "12"), False)
        self.assertIs(self.found("TotalEnergies", "", "12"), False)
        self.assertIs(self.found("Total", "", "02079460958", telling={2}), False)
        self.assertIs(self.found("统计局", "", "12"), False)
        self.assertIsNone(self.found("Total", "", ""))
