from django.test import SimpleTestCase

from crm.texts import all_clean, clean, one_line


class Clean(SimpleTestCase):
    def test_nobody_sees_them_and_they_go(self):
        for written, seen in (
            ("\u202eevil", "evil"),
            ("Har\u200bbour\ufeff Ltd", "Harbour Ltd"),
            ("\u2067Harbour\u2069", "Harbour"),
            ("Ac\u200dme", "Acme"),
            ("\u200e+44 113 496 0001\u202c", "+44 113 496 0001"),
            ("远\u200c山\u00ad服务", "远山服务"),
            ("a\x07b\x9f", "ab"),
            ("Har\u200dbour\u200e\u00a0", "Harbour"),
            ("Caf\u00e9\u200e\u2009\u00c5sa", "Caf\u00e9\u2009\u00c5sa"),
            ("First\x0bSecond", "First Second"),
            ("  plain ", "plain"),
        ):
            with self.subTest(written=ascii(written)):
                self.assertEqual(clean(written), seen)

    def test_of_nothing_to_see_nothing_is_left(self):
        for written in (
            "\u200b\u200b",
            "\ufeff ",
            "\u3164",
            "\u2800\u2800",
            "\u200d",
            "\u115f\u1160",
            "\ufe0f",
            "",
        ):
            with self.subTest(written=ascii(written)):
                self.assertEqual(clean(written), "")

    def test_what_scripts_and_emoji_need_stays(self):
        for written in (
            "خانه\u200cها",
            "PDF\u200cها",
            "क्\u200dष",
            "👩\u200d👧 ❤\ufe0f",
            "עברית\u200f (C)",
            "two\nlines\twide",
            "김\u3164구",
        ):
            with self.subTest(written=written):
                self.assertEqual(clean(written), written)

    def test_a_column_is_cleaned_as_its_cells(self):
        self.assertEqual(all_clean(["a", "b\u200b", "\u3164"]), ["a", "b", ""])
        self.assertEqual(all_clean(["a", " b "]), ["a", " b "])

    def test_one_line_has_one_space_between_its_words(self):
        self.assertEqual(one_line("\ufeffNorth\u00a0 \u200bSea\u202e \n\u3000Ltd "), "North Sea Ltd")
        self.assertEqual(one_line("\u200b\u00a0"), "")
