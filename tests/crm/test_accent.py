from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from crm.accent import DEFAULT, accent_of, contrast

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


class AccentTest(SimpleTestCase):
    def test_contrast_is_that_of_wcag(self):
        self.assertEqual(contrast("#ffffff", "#000000"), 21)
        self.assertAlmostEqual(contrast("#767676", "#ffffff"), 4.54, places=2)

    @given(colors)
    def test_every_colour_can_be_read_on_both_grounds_and_carries_its_text(self, color):
        accent = accent_of(color)

        self.assertGreaterEqual(contrast(accent.light, "#ffffff"), 4.5)
        self.assertGreaterEqual(contrast(accent.dark, "#15191b"), 4.5)
        self.assertGreaterEqual(contrast(accent.dark, "#08100f"), 4.5)

    def test_a_colour_that_can_be_read_stays_as_it_is(self):
        self.assertEqual(accent_of("#7C2D12").light, "#7c2d12")

    def test_what_is_no_colour_means_the_default(self):
        self.assertEqual(accent_of("red; }"), accent_of(DEFAULT))
