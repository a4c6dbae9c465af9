"""What comes to a demo company from outside, in English and Chinese. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Form = Mapping[str, Any]


@dataclass(frozen=True)
class Arrival:
    """``known`` lets it come from a customer that is there: what of that one's facts it repeats.

    ``decided`` is how it ended: "merged", or why it was rejected.
    """

    channel: str
    hours: float
    given: Mapping[str, str]
    form: int | None = None
    known: tuple[str, ...] = ()
    context: Mapping[str, str] | None = None
    source: str = ""
    campaign: str = ""
    decided: str = ""


@dataclass(frozen=True)
class Arrivals:
    forms: tuple[Form, ...]
    inlets: tuple[Mapping[str, str], ...]
    arrivals: tuple[Arrival, ...]
    proofs: Mapping[str, str]
    returns: tuple[str, ...]
    views: tuple[Mapping[str, Any], ...]
    file_name: str
    file: str
    encoding: str = "utf-8"


def _asked(name: str, label: str = "", hint: str = "", *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "label": label, "help": hint, "required": required}


_QUOTE = "https://www.harbour.example/quote"
_OFFER = "https://www.yuanshan.example/baojia"

ENGLISH = Arrivals(
    forms=(
        {
            "name": "Ask for a quote",
            "title": "What may we look after for you?",
            "intro": "Tell us what you run and where. One of us calls you back within a working day.",
            "thanks": "Thank you. You hear from us within a working day.",
            "source": "Website",
            "consent": "You may write to me about new services and prices, at most once a month.",
            "fields": [
                _asked("name", "Company", required=True),
                _asked("contact.name", "Your name", required=True),
                _asked("contact.email", "Your e-mail", required=True),
                _asked("contact.phone", "Phone", "So that an engineer can ask about details"),
                _asked("city", "Town"),
                _asked("message", "What is it about?"),
            ],
        },
        {
            "name": "Call me back",
            "title": "We call you back",
            "intro": "Leave a number and a word on what it is about.",
            "source": "Website",
            "fields": [
                _asked("name", "Name", required=True),
                _asked("phone", "Phone", required=True),
                _asked("message", "What is it about?"),
            ],
        },
        {
            "name": "Trade fair visitors",
            "title": "Glad that you came to our stand",
            "source": "Expo",
            "campaign": "Spring fair",
            "active": False,
            "fields": [
                _asked("name", "Company", required=True),
                _asked("contact.name", "Your name", required=True),
                _asked("contact.email", "Your e-mail", required=True),
            ],
        },
    ),
    inlets=({"kind": "mail", "name": "Service mailbox", "source": "E-mail to us"},),
    arrivals=(
        Arrival(
            "form", 2, {
                "name": "Marlpit Bakery Ltd", "contact.name": "Ellen Sayer",
                "contact.email": "ellen@marlpit-bakery.example", "contact.phone": "01632 960114", "city": "Norwich",
                "message": "We open a second bakery in May and need inspections for both sites, four times a year.",
            },
            form=0,
            context={
                "page": _QUOTE, "language": "en", "utm_source": "newsletter", "utm_campaign": "autumn-inspections",
                "consent": "You may write to me about new services and prices, at most once a month.",
            },
        ),
        Arrival(
            "form", 7,
            {"contact.phone": "01632 960871", "city": "Leeds", "message": "Who is our contact now? We moved to Leeds."},
            form=0, known=("name", "contact.name", "contact.email"), context={"page": _QUOTE, "language": "en"},
        ),
        Arrival(
            "mail", 21, {
                "name": "Gareth Pugh", "email": "gareth.pugh@tidal-gym.example",
                "message": "Good morning,\n\nour pool's pump makes a noise and the maker sends nobody before June. "
                "Do you look after pumps you have not sold?\n\nGareth Pugh, Tidal Gym",
            },
            context={"subject": "Noise from a pool pump", "sender": "gareth.pugh@tidal-gym.example"},
            source="E-mail to us",
        ),
        Arrival(
            "form", 27, {"name": "Rosa Lindqvist", "phone": "07700 900461", "message": "Filter set for a small café"},
            form=1, context={"page": "https://www.harbour.example/", "language": "en"},
        ),
        Arrival(
            "api", 49, {
                "name": "Causeway Cold Stores plc", "industry": "Logistics", "size": "250+", "city": "Belfast",
                "contact.name": "Niamh Devlin", "contact.job_title": "Site manager",
                "contact.email": "n.devlin@causeway-cold.example",
                "message": "Asked at the fair about remote monitoring.",
            },
            source="Fairs & Guests", campaign="Spring fair",
        ),
        Arrival(
            "api", 50, {"message": "Asked at the fair for this year's price list."}, known=("name", "phone"),
            source="Fairs & Guests", campaign="Spring fair",
        ),
        Arrival(
            "form", 75, {"name": "BEST SEO RANKING", "phone": "00000", "message": "Page one in 24 hours, guaranteed"},
            form=1, decided="Advertising",
        ),
        Arrival(
            "form", 98, {
                "contact.name": "Jo Keane", "contact.email": "jo.keane@harbour-visitors.example",
                "contact.phone": "01632 960559",
            },
            form=0, known=("name",), decided="merged",
        ),
    ),
    proofs={
        "form": "Ticked on the web form: “You may write to me about new services and prices.”",
        "member": "Said on the phone, noted in the call's entry.",
        "person": "Took it back by the link at the end of a letter.",
    },
    returns=("Arrived damaged", "Ordered one too many", "Does not fit the unit", "The visit was cancelled in time"),
    views=(
        {"by": "all", "name": "At risk, highest value first", "filters": {"risk": "high"}, "sort": "at_risk",
         "columns": ["name", "class", "owner", "risk", "at_risk", "last_purchase", "next_step"]},
        {"by": "team", "name": "Key without next step", "filters": {"class": "key", "next": "no"},
         "sort": "last_contact"},
        {"by": "own", "name": "My dormant ones", "filters": {"owner": "me", "stage": "dormant"}, "sort": "spend"},
        {"by": "all", "list": "contracts", "name": "To decide within 90 days", "filters": {"due": "90"}},
    ),
    file_name="Fair contacts, spring.csv",
    file=(
        "Company name,E-Mail,Tel.,Town,Sector,Customer since,Remarks\n"
        "Ropewalk Brewery Ltd,hello@ropewalk.example,01632 960201,Bristol,Hospitality,2026-03-02,wants a visit\n"
        "Lanyard Print & Co,office@lanyard-print.example,01632 960202,Hull,Manufacturing,2026-03-02,\n"
        "Stonechat Nurseries,stonechat at nurseries.example,01632 960203,Exeter,Education,2026-03-02,two sites\n"
        "Pilot Row Dental,reception@pilotrow.example,01632 960204,Plymouth,Health,31.02.2026,\n"
        ",info@brackish.example,01632 960205,Swansea,Hospitality,2026-03-03,name not readable\n"
        "Gannet Air Cargo plc,ops@gannet-cargo.example,01632 960206,Belfast,Logistics,2026-03-03,asked for a quote\n"
        "Sundew Interiors,mail@sundew.example,01632 960207,York,Construction,2026-03-03,\n"
    ),
)  # fmt: skip

CHINESE = Arrivals(
    forms=(
        {
            "name": "在线询价",
            "title": "需要我们做什么？",
            "intro": "写下设备和所在城市，我们在一个工作日内回电。",
            "thanks": "已收到，我们会在一个工作日内与您联系。",
            "source": "官网",
            "consent": "同意接收新服务和价格的消息，每月最多一次。",
            "fields": [
                _asked("name", "公司名称", required=True),
                _asked("contact.name", "您的姓名", required=True),
                _asked("contact.phone", "手机", "工程师会先电话了解情况", required=True),
                _asked("contact.email", "邮箱"),
                _asked("city", "所在城市"),
                _asked("message", "需求说明"),
            ],
        },
        {
            "name": "预约回电",
            "title": "我们给您回电",
            "intro": "留下电话和想了解的内容即可。",
            "source": "官网",
            "fields": [
                _asked("name", "姓名", required=True),
                _asked("phone", "电话", required=True),
                _asked("message", "想了解什么"),
            ],
        },
        {
            "name": "春季展会登记",
            "title": "感谢莅临展位",
            "source": "展会",
            "campaign": "春季展会",
            "active": False,
            "fields": [
                _asked("name", "公司名称", required=True),
                _asked("contact.name", "您的姓名", required=True),
                _asked("contact.phone", "手机", required=True),
            ],
        },
    ),
    inlets=(
        {"kind": "wechat", "name": "服务号", "source": "微信公众号", "app_id": "wx00000000demo0000"},
        {"kind": "mail", "name": "客服邮箱", "source": "客服邮箱"},
    ),
    arrivals=(
        Arrival(
            "form", 2, {
                "name": "宁波听潮食品有限公司", "contact.name": "沈佳宁", "contact.phone": "139 0000 6218",
                "contact.email": "shen@tingchao.example", "city": "宁波",
                "message": "五月开第二条生产线，两处厂区都要做季度巡检，请报价。",
            },
            form=0,
            context={
                "page": _OFFER, "language": "zh-hans", "utm_source": "weixin", "utm_campaign": "秋季巡检",
                "consent": "同意接收新服务和价格的消息，每月最多一次。",
            },
        ),
        Arrival(
            "form", 7, {"city": "苏州", "message": "公司搬到苏州了，现在由谁对接？"},
            form=0, known=("name", "contact.name", "contact.phone"), context={"page": _OFFER, "language": "zh-hans"},
        ),
        Arrival(
            "wechat", 19, {"message": "你好，泳池循环泵有异响，不是你们卖的也能修吗？\n在厦门。"}, source="微信公众号"
        ),
        Arrival(
            "form", 27, {"name": "梁雨桐", "phone": "158 0000 4461", "message": "小咖啡馆用的滤芯套装"},
            form=1, context={"page": "https://www.yuanshan.example/", "language": "zh-hans"},
        ),
        Arrival(
            "api", 49, {
                "name": "青岛北岸冷链物流股份有限公司", "industry": "物流", "size": "250+", "city": "青岛",
                "contact.name": "邓浩然", "contact.job_title": "运营总监", "contact.phone": "188 0000 7305",
                "message": "展会上问过远程监测。",
            },
            source="会展通", campaign="春季展会",
        ),
        Arrival(
            "api", 50, {"message": "展会上要今年的价目表。"}, known=("name", "phone"),
            source="会展通", campaign="春季展会",
        ),
        Arrival(
            "mail", 62, {
                "name": "许志强", "email": "xu@jianghan-print.example",
                "message": "您好：\n\n我们厂的打包机想做一次安全评估，下月中旬方便吗？\n\n江汉印务 许志强",
            },
            context={"subject": "咨询安全评估", "sender": "xu@jianghan-print.example"}, source="客服邮箱",
        ),
        Arrival(
            "form", 75, {"name": "代开发票", "phone": "100000", "message": "各类发票，优惠办理"}, form=1, decided="广告"
        ),
        Arrival(
            "form", 98, {"contact.name": "罗晓彤", "contact.phone": "151 0000 9926"}, form=0, known=("name",),
            decided="merged",
        ),
    ),
    proofs={
        "form": "在网页表单上勾选：“同意接收新服务和价格的消息。”",
        "member": "电话中同意，见当次通话记录。",
        "person": "通过邮件末尾的链接撤回。",
    },
    returns=("到货破损", "多订了一件", "型号不符", "服务前已取消"),
    views=(
        {"by": "all", "name": "高风险，价值从高到低", "filters": {"risk": "high"}, "sort": "at_risk",
         "columns": ["name", "class", "owner", "risk", "at_risk", "last_purchase", "next_step"]},
        {"by": "team", "name": "重点客户无下一步", "filters": {"class": "key", "next": "no"}, "sort": "last_contact"},
        {"by": "own", "name": "我的沉睡客户", "filters": {"owner": "me", "stage": "dormant"}, "sort": "spend"},
        {"by": "all", "list": "contracts", "name": "90 天内须决定", "filters": {"due": "90"}},
    ),
    file_name="春季展会名单.csv",
    file=(
        "公司名称,邮箱,联系电话,城市,行业,建档日期,备注\n"
        "绍兴沉香酒业有限公司,hello@chenxiang.example,13900002011,绍兴,餐饮酒店,2026-03-02,想约上门\n"
        "无锡锦笺印务有限公司,office@jinjian.example,13900002012,无锡,制造,2026-03-02,\n"
        "嘉兴青圃园艺有限公司,qingpu(at)yuanyi.example,13900002013,嘉兴,教育,2026-03-02,两处场地\n"
        "珠海听松口腔,reception@tingsong.example,13900002014,珠海,医疗,2026年2月31日,\n"
        ",info@yanshui.example,13900002015,泉州,餐饮酒店,2026-03-03,名片看不清\n"
        "郑州云鸥航空货运股份有限公司,ops@yunou.example,13900002016,郑州,物流,2026-03-03,要报价\n"
        "合肥素屏装饰有限公司,mail@suping.example,13900002017,合肥,建筑,2026-03-03,\n"
    ),
    encoding="gb18030",
)  # fmt: skip
