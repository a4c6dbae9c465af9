"""What demo customers say, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """``said`` gives (topic, text) by type; ``comments`` by whether the customer is content."""

    said: dict[str, tuple[tuple[str, str], ...]]
    resolutions: tuple[str, ...]
    survey: tuple[str, str, str, str]
    questions: tuple[tuple[str, str, str], ...]
    comments: dict[bool, tuple[str, ...]]


ENGLISH = Words(
    said={
        "problem": (
            ("Response time", "Waited two days for a call back after the unit stopped"),
            ("Billing", "The invoice lists a visit that never took place"),
            ("Quality", "The same fault came back a week after the repair"),
            ("Delivery", "Half of the spare parts were missing from the parcel"),
            ("Billing", "We were charged the old price although the contract says otherwise"),
            ("Communication", "Nobody told us that the engineer would come a day later"),
        ),
        "satisfaction": (
            ("Service", "The engineer explained everything and left the room clean"),
            ("Response time", "Help arrived within the hour, on a Sunday"),
            ("Training", "The half-day training was exactly what our new people needed"),
        ),
        "suggestion": (
            ("Booking", "It would help to book inspections online"),
            ("Billing", "One invoice a month instead of one per visit"),
            ("Reports", "Put last year's figures beside this year's in the report"),
        ),
        "need": (
            ("Monitoring", "We need an alert before a filter is due"),
            ("Coverage", "Our second site needs service outside office hours"),
        ),
    },
    resolutions=(
        "Engineer sent the same day; cause found and part replaced.",
        "Invoice corrected and the difference paid back.",
        "Missing parts delivered by courier; packing list now checked by two people.",
        "Apologised, explained, and named one contact for all appointments.",
    ),
    survey=(
        "Customer satisfaction",
        "How are we doing?",
        "Five short questions; it takes a minute and a half.",
        "Thank you. Your account manager reads every answer.",
    ),
    questions=(
        ("nps", "overall", "How likely are you to recommend us to others?"),
        ("csat", "overall", "How satisfied are you with us over all?"),
        ("csat", "speed", "How satisfied are you with how fast we respond?"),
        ("csat", "solving", "How satisfied are you with how we solve problems?"),
        ("csat", "cooperation", "How satisfied are you with working with us?"),
        ("text", "", "What should we do better?"),
    ),
    comments={
        True: ("Keep the same engineer, please.", "Reliable for years.", "Friendly, quick, fair prices."),
        False: (
            "Answer the phone faster.",
            "Too many different people to talk to.",
            "Prices went up, service did not.",
        ),
    },
)

CHINESE = Words(
    said={
        "problem": (
            ("响应速度", "设备停机后等了两天才有人回电"),
            ("账单", "发票上有一次并没有发生的上门服务"),
            ("质量", "维修一周后同样的故障又出现了"),
            ("交付", "收到的备件少了一半"),
            ("账单", "合同已改价，仍按旧价收费"),
            ("沟通", "工程师改期一天，没有人通知我们"),
        ),
        "satisfaction": (
            ("服务", "工程师讲解清楚，走时把现场收拾得很干净"),
            ("响应速度", "周日一小时内就到了现场"),
            ("培训", "半天的培训正是新员工需要的"),
        ),
        "suggestion": (
            ("预约", "希望可以在线预约巡检"),
            ("账单", "希望每月一张发票，不要每次上门一张"),
            ("报告", "报告里请把去年的数据放在旁边对比"),
        ),
        "need": (
            ("监测", "需要在滤芯到期前收到提醒"),
            ("覆盖", "第二个厂区需要下班后的服务"),
        ),
    },
    resolutions=(
        "当天派工程师到场，查明原因并更换零件。",
        "已更正发票并退还差额。",
        "缺少的备件已快递补发，装箱单改为两人核对。",
        "已致歉并说明原因，今后由一位联系人统一安排。",
    ),
    survey=(
        "客户满意度调查",
        "我们做得怎么样？",
        "五个小问题，大约一分半钟。",
        "谢谢您，您的客户经理会阅读每一份答卷。",
    ),
    questions=(
        ("nps", "overall", "您有多大可能把我们推荐给别人？"),
        ("csat", "overall", "总体上您对我们满意吗？"),
        ("csat", "speed", "您对我们的响应速度满意吗？"),
        ("csat", "solving", "您对我们解决问题的能力满意吗？"),
        ("csat", "cooperation", "您对与我们的合作体验满意吗？"),
        ("text", "", "我们哪里可以做得更好？"),
    ),
    comments={
        True: ("希望一直是同一位工程师。", "合作多年，很可靠。", "态度好，速度快，价格公道。"),
        False: ("电话要更快接通。", "对接的人太多。", "价格涨了，服务没有跟上。"),
    },
)
