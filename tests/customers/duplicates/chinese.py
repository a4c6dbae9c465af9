"""A labelled set of Chinese customers, made by rules that are written here.

Every customer is entered once properly. Two in five are entered once more, by one of the rules below for the name
(all equally often), and each other field is, independently: left out (1 in 5), entered with a slip (1 in 10; cities are
chosen from a list and have none), else entered the same. Nobody shares a number or an address with anybody but by chance; names repeat as they do in life.

A person's name: unchanged · a homophone for a sign of the given name · another sign for one of the given name · order
swapped · traditional characters · pinyin, given name first · pinyin, family name first.
A company's name: unchanged · short (brand and trade) · brand alone · traditional characters · the place in brackets behind the
brand · another legal form · a homophone in the brand · pinyin of brand and trade.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

from customers.duplicates.records import Given

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷"
    "侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静磊洋艳勇军杰娟涛明超秀英建国志强雨桐子涵欣怡浩然梦琪思远晓彤文博佳宁俊雅婷天宇嘉铭宏斌丽华玲霞鹏飞辉波刚健峰亮凯红梅兰春燕慧颖琳倩云雪莹瑞睿"
    "泽轩晨阳昊诗涵依诺一鸣可馨家豪美玉珍凤翔德荣学海庆生永福新民成林"
)
BRAND = "云岭清源嘉禾远帆明德华锦瑞丰同创金桥安澜星河宏图立信海川博雅晨曦万和天成鼎新松涛百青启航盛景邻兰亭永中岳益广陵恒泰汇文凯旋临溪沐阳致雅集众诚富康庆顺通达"
PLACES = (
    "上海",
    "北京",
    "深圳",
    "广州",
    "杭州",
    "苏州",
    "南京",
    "成都",
    "武汉",
    "青岛",
    "厦门",
    "长沙",
    "西安",
    "宁波",
)
TRADES = (
    "科技",
    "商贸",
    "机械",
    "物流",
    "餐饮",
    "软件",
    "建材",
    "医疗",
    "教育科技",
    "信息技术",
    "文化传播",
    "供应链",
)
FORMS = ("有限公司", "有限责任公司", "股份有限公司")
STREETS = (
    "中山",
    "人民",
    "解放",
    "建设",
    "和平",
    "长江",
    "黄河",
    "北京",
    "南京",
    "文化",
    "学府",
    "滨海",
    "光明",
    "新华",
    "胜利",
    "青年",
    "迎宾",
    "科苑",
)
TRADITIONAL = OpenCC("s2t")


@dataclass(frozen=True)
class Labelled:
    customers: list[tuple[bool, Given]]
    matches: set[tuple[int, int]]


def persons(count: int, seed: int = 5) -> Labelled:
    return _made(_Persons(seed), count)


def companies(count: int, seed: int = 6) -> Labelled:
    return _made(_Companies(seed), count)


def _made(maker: _Maker, count: int) -> Labelled:
    customers, matches = [], set()
    for _customer in range(count):
        record, parts = maker.proper()
        customers.append((maker.personal, record))
        if maker.chance.random() < 0.4:
            matches.add((len(customers) - 1, len(customers)))
            customers.append((maker.personal, maker.again(record, parts)))
    return Labelled(customers, matches)


class _Maker:
    personal = True

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def proper(self) -> tuple[Given, tuple[str, ...]]:
        raise NotImplementedError

    def rename(self, parts: tuple[str, ...]) -> str:
        raise NotImplementedError

    def again(self, record: Given, parts: tuple[str, ...]) -> Given:
        entered = record._replace(name=self.rename(parts))
        for field in ("email", "phone", "address", "city", "birthday"):
            value = getattr(record, field)
            draw = self.chance.random()
            if value and draw < 0.2:
                entered = entered._replace(**{field: type(value)()})
            elif value and draw < 0.3 and field != "city":
                entered = entered._replace(**{field: self.slip(value)})
        return entered

    def slip(self, value: str | int) -> str | int:
        """Two neighbours change places, or one figure is another."""
        text = str(value)
        at = self.chance.randrange(len(text) - 1)
        if isinstance(value, int):
            day, month = value % 100, value // 100 % 100
            if day <= 12 and day != month:
                return value // 10_000 * 10_000 + day * 100 + month
            return value // 100 * 100 + day % 28 + 1
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    def reached(self, name: str) -> dict[str, str | int]:
        chance = self.chance
        local = "".join(lazy_pinyin(name))[:12] + str(chance.randrange(10, 9999))
        return {
            "email": f"{local}@{chance.choice(['qq.com', '163.com', 'gmail.com'])}"
            if chance.random() < 0.6
            else "",
            "phone": f"861{chance.randrange(30, 99)}{chance.randrange(10**8):08}"
            if chance.random() < 0.8
            else "",
            "address": f"{chance.choice(STREETS)}{chance.choice(['路', '街', '大道'])}{chance.randrange(1, 900)}号"
            f"{chance.randrange(1, 30)}楼{chance.randrange(1, 30):02}室"
            if chance.random() < 0.6
            else "",
            "city": chance.choice(PLACES),
        }

    def homophone(self, sign: str) -> str:
        others = [other for other in _by_sound().get(lazy_pinyin(sign)[0], "") if other != sign]
        return self.chance.choice(others) if others else sign


class _Persons(_Maker):
    def proper(self) -> tuple[Given, tuple[str, ...]]:
        chance = self.chance
        family = chance.choice(SURNAMES) if chance.random() < 0.6 else chance.choice(SURNAMES[:12])
        given = "".join(chance.choices(GIVEN, k=chance.choice([1, 2, 2, 2])))
        day = chance.randrange(1950, 2006) * 10_000 + chance.randrange(1, 13) * 100 + chance.randrange(1, 29)
        birthday = day if chance.random() < 0.5 else 0
        return Given(name=family + given, **self.reached(family + given), birthday=birthday), (family, given)

    def rename(self, parts: tuple[str, ...]) -> str:
        family, given = parts
        at = self.chance.randrange(len(given))
        latin_family, latin_given = "".join(lazy_pinyin(family)), "".join(lazy_pinyin(given))
        return self.chance.choice(
            [
                family + given,
                family + given[:at] + self.homophone(given[at]) + given[at + 1 :],
                family + given[:at] + self.chance.choice(GIVEN) + given[at + 1 :],
                given + family,
                TRADITIONAL.convert(family + given),
                f"{latin_given} {latin_family}".title(),
                f"{latin_family} {latin_given}".title(),
            ]
        )


class _Companies(_Maker):
    personal = False

    def proper(self) -> tuple[Given, tuple[str, ...]]:
        chance = self.chance
        brand = "".join(chance.choices(BRAND, k=chance.choice([2, 2, 3])))
        parts = (chance.choice(PLACES), brand, chance.choice(TRADES), chance.choice(FORMS))
        record = Given(name="".join(parts), **self.reached(brand))
        return record._replace(city=parts[0]), parts

    def rename(self, parts: tuple[str, ...]) -> str:
        place, brand, trade, form = parts
        at = self.chance.randrange(len(brand))
        return self.chance.choice(
            [
                place + brand + trade + form,
                brand + trade,
                brand,
                TRADITIONAL.convert(place + brand + trade + form),
                f"{brand}（{place}）{trade}{form}",
                place + brand + trade + self.chance.choice(FORMS),
                place + brand[:at] + self.homophone(brand[at]) + brand[at + 1 :] + trade + form,
                " ".join("".join(lazy_pinyin(word)) for word in (brand, trade)).title(),
            ]
        )


@cache
def _by_sound() -> dict[str, str]:
    found: dict[str, str] = {}
    for sign in sorted(set(GIVEN + BRAND + SURNAMES)):
        sound = lazy_pinyin(sign)[0]
        found[sound] = found.get(sound, "") + sign
    return found
