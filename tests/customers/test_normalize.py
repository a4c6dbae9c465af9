from unittest import TestCase

from customers import normalize
from tests.cases import TenantTestCase


class Names(TestCase):
    def test_width_case_and_spaces_do_not_matter_but_suffixes_stay(self):
        self.assertEqual(normalize.name_norm("  ＡＣＭＥ\u3000 Straße\tLtd. "), "acme strasse ltd.")

    def test_chinese_is_found_by_pinyin_and_initials(self):
        self.assertEqual(
            normalize.pinyin_of("上海明远 (AB) 有限公司"), ("shanghaimingyuanabyouxiangongsi", "shmyayxgs")
        )
        self.assertEqual(normalize.pinyin_of("重庆银行"), ("chongqingyinhang", "cqyh"))
        self.assertEqual(normalize.pinyin_of("Ada Lovelace"), ("", ""))

    def test_addresses_have_one_case(self):
        self.assertEqual(normalize.email_norm(" Ada@Example.COM "), "ada@example.com")


class Phones(TenantTestCase):
    def in_zone(self, timezone, locale="en"):
        self.acme.timezone, self.acme.locale = timezone, locale
        self.acme.save()
        normalize._region_of.cache_clear()

    def test_one_number_in_any_writing_is_one_number(self):
        self.in_zone("Asia/Shanghai")
        for text in (
            "138 0013 8000",
            "138-0013-8000",
            "+86 13800138000",
            "0086 138 0013 8000",
            "１３８００１３８０００",
        ):
            self.assertEqual(normalize.phone_norm(text), "8613800138000", text)

    def test_the_country_is_where_the_company_is(self):
        self.in_zone("Europe/London")
        self.assertEqual(normalize.phone_norm("020 7946 0018"), "442079460018")
        self.in_zone("UTC", "zh-hant")
        self.assertEqual(normalize.phone_norm("0912 345 678"), "886912345678")

    def test_no_real_number_keeps_its_digits(self):
        self.in_zone("UTC")
        self.assertEqual(normalize.phone_norm("ext. 12"), "12")
        self.assertEqual(normalize.phone_norm("none"), "")
