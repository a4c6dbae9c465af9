"""The words demo companies and people are made of, in English and Chinese. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """``industries`` pairs an industry with what companies of it call themselves."""

    places: tuple[tuple[str, str], ...]
    brands: tuple[str, ...]
    industries: tuple[tuple[str, tuple[str, ...]], ...]
    suffixes: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    job_titles: tuple[str, ...]
    products: tuple[tuple[str, str, int], ...]
    sources: tuple[str, ...]
    talks: dict[str, tuple[str, ...]]
    follow_ups: tuple[tuple[str, str], ...]


ENGLISH = Words(
    places=(
        ("Bristol", "England"), ("Leeds", "England"), ("Norwich", "England"), ("Exeter", "England"), ("York", "England"),
        ("Plymouth", "England"), ("Glasgow", "Scotland"), ("Dundee", "Scotland"), ("Cardiff", "Wales"),
        ("Swansea", "Wales"), ("Belfast", "Northern Ireland"), ("London", "England"), ("Hull", "England"),
    ),
    brands=(
        "Harrow", "Fernhill", "Kestrel", "Oakmere", "Brightwater", "Calder", "Thornbury", "Windmill", "Redstone", "Larkfield",
        "Ashdown", "Copperfield", "Northgate", "Seaview", "Millbrook", "Highcroft", "Silverdale", "Rowan", "Penrose",
        "Whitfield", "Beacon", "Foxglove", "Juniper", "Marlowe", "Stanmore", "Tidewell", "Quayside", "Elmtree", "Bluebell",
        "Hawthorn", "Linden", "Merrow", "Osprey", "Pembrook", "Ridgeway", "Saltmarsh", "Tamarind", "Underwood", "Westbrook",
    ),
    industries=(
        ("Retail", ("Stores", "Home", "Gifts", "Outfitters")), ("Hospitality", ("Hotel", "Kitchen", "Inns", "Catering")),
        ("Manufacturing", ("Works", "Engineering", "Components", "Tools")), ("Logistics", ("Freight", "Logistics", "Couriers")),
        ("Education", ("Academy", "School", "Training")), ("Health", ("Clinic", "Dental", "Care")),
        ("Construction", ("Builders", "Roofing", "Interiors")), ("Technology", ("Software", "Systems", "Labs")),
        ("Finance", ("Accountants", "Insurance", "Advisers")),
    ),
    suffixes=("Ltd", "Ltd", "Ltd", "& Co", "Group", "Partners", "plc"),
    first_names=(
        "Grace", "Oliver", "Amelia", "Harry", "Isla", "George", "Ava", "Noah", "Freya", "Jack", "Priya", "Arjun", "Sophie",
        "Leo", "Zara", "Tom", "Ruth", "Samuel", "Nadia", "Owen", "Megan", "Callum", "Fiona", "Idris", "Hannah", "Yusuf",
        "Clara", "Edward", "Maya", "Patrick",
    ),
    last_names=(
        "Hughes", "Clarke", "Patel", "Evans", "Walker", "Ahmed", "Bennett", "Murphy", "Reid", "Cooper", "Shah", "Morgan",
        "Bailey", "Fraser", "Khan", "Price", "Foster", "Doyle", "Graham", "Okafor", "Barnes", "Lloyd", "Hart", "Sutton",
        "Nolan", "Pearce", "Webb", "Quinn", "Stone", "Marsh",
    ),
    job_titles=("Managing director", "Buyer", "Operations manager", "Finance director", "Office manager", "Owner"),
    products=(
        ("Yearly service contract", "Contract", 240_000), ("Quarterly inspection", "Service", 48_000),
        ("On-site repair", "Service", 18_500), ("Emergency call-out", "Service", 32_000), ("Spare parts kit", "Parts", 9_600),
        ("Filter set", "Parts", 4_250), ("Operator training, half a day", "Training", 38_000),
        ("Operator training, full day", "Training", 68_000), ("Remote monitoring, month", "Contract", 12_900),
        ("Installation", "Service", 95_000), ("Safety audit", "Service", 54_000), ("Cleaning supplies", "Parts", 3_400),
        ("Replacement unit", "Equipment", 165_000), ("Extended warranty", "Contract", 29_900),
        ("Consulting, hour", "Service", 11_000), ("Data report", "Service", 7_500),
    ),
    sources=("Referral", "Website", "Expo", "Cold call", "Partner", "Social media"),
    talks={
        "call": (
            "Called about the last delivery. All arrived in good order; they may want a second site served from spring.",
            "Quarterly call. Happy with the engineers, less so with how long the invoice took.",
            "They compare our price list with a competitor's. Asked for a quote over two years.",
            "Short call: the new operator needs training. Sent dates.",
            "Asked how the repair went. Solved at the first visit, they said thank you to the team.",
            "Did not reach {name} twice; left word with the front desk.",
        ),
        "visit": (
            "Visited the site. Walked through the plant with {name}; two filters are due, one unit is loud.",
            "Yearly review on site. Budget for next year is the same; they value a fixed contact most.",
            "Met {name} and the finance director. They will decide on the service contract this month.",
        ),
        "email": (
            "Sent the offer for the extended warranty and the price list for next year.",
            "Answered questions on response times at weekends.",
            "They ask for one invoice per site instead of one in total. Passed on to finance.",
        ),
        "message": ("Confirmed the engineer for Thursday morning.", "Sent photos of the finished installation."),
        "note": ("New ownership from next month; find out who decides.", "Prefers calls before ten."),
    },
    follow_ups=(
        ("Call about the service contract", "The contract ends in two months"),
        ("Send the quote they asked for", "Promised on the last call"),
        ("Ask how the repair went", "An engineer was on site last week"),
        ("Arrange the yearly review", "No visit for a year"),
        ("Introduce the new price list", "Prices change next month"),
        ("Check whether training is still needed", "They hired two operators"),
    ),
)  # fmt: skip

CHINESE = Words(
    places=(
        ("上海", "上海"), ("杭州", "浙江"), ("宁波", "浙江"), ("苏州", "江苏"), ("南京", "江苏"), ("深圳", "广东"),
        ("广州", "广东"), ("成都", "四川"), ("武汉", "湖北"), ("青岛", "山东"), ("厦门", "福建"), ("长沙", "湖南"), ("西安", "陕西"),
    ),
    brands=(
        "云岭", "清源", "嘉禾", "远帆", "明德", "华锦", "瑞丰", "同创", "金桥", "安澜", "星河", "宏图", "立信", "海川", "博雅",
        "晨曦", "万和", "天成", "鼎新", "松涛", "百川", "青禾", "启航", "盛景", "德邻", "兰亭", "永嘉", "中岳", "新益", "广陵",
        "恒泰", "汇文", "凯旋", "临溪", "沐阳", "致远", "雅集", "众诚",
    ),
    industries=(
        ("零售", ("商贸", "百货", "家居")), ("餐饮酒店", ("餐饮", "酒店管理", "食品")), ("制造", ("机械", "电子", "精密制造")),
        ("物流", ("物流", "货运", "供应链")), ("教育", ("教育科技", "培训", "文化")), ("医疗", ("医疗", "口腔", "健康")),
        ("建筑", ("建设", "装饰", "建材")), ("信息技术", ("软件", "信息技术", "网络科技")), ("金融", ("财务咨询", "保险代理")),
    ),
    suffixes=("有限公司", "有限公司", "有限责任公司", "股份有限公司"),
    first_names=(
        "伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超", "秀英", "建国", "志强", "雨桐",
        "子涵", "欣怡", "浩然", "梦琪", "思远", "晓彤", "文博", "佳宁", "俊杰", "雅婷", "天宇",
    ),
    last_names=(
        "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗",
        "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹",
    ),
    job_titles=("总经理", "采购经理", "运营总监", "财务总监", "行政主管", "法定代表人"),
    products=(
        ("年度服务合同", "合同", 1_980_000), ("季度巡检", "服务", 380_000), ("上门维修", "服务", 128_000),
        ("紧急抢修", "服务", 260_000), ("备件包", "配件", 86_000), ("滤芯套装", "配件", 32_000),
        ("操作培训（半天）", "培训", 280_000), ("操作培训（全天）", "培训", 480_000), ("远程监测（月）", "合同", 99_000),
        ("安装调试", "服务", 760_000), ("安全评估", "服务", 420_000), ("清洁耗材", "配件", 25_800),
        ("更换整机", "设备", 1_350_000), ("延长质保", "合同", 239_000), ("专家咨询（小时）", "服务", 88_000), ("数据报告", "服务", 58_000),
    ),
    sources=("老客户介绍", "官网", "展会", "电话拓展", "合作伙伴", "微信公众号"),
    talks={
        "call": (
            "电话回访上次交付，货物完好；明年春天可能增加一个厂区。",
            "季度回访。对工程师很满意，但觉得开票太慢。",
            "对方在比较同行报价，希望我们给一份两年期的方案。",
            "简短通话：新操作员需要培训，已发可选日期。",
            "回访维修情况，一次修好，客户表示感谢。",
            "两次未联系上{name}，已请前台转告。",
        ),
        "visit": (
            "现场拜访，和{name}一起看了设备：两套滤芯到期，一台机器有异响。",
            "年度回顾。明年预算不变，最看重固定的联系人。",
            "与{name}和财务负责人面谈，本月决定是否签年度服务合同。",
        ),
        "email": ("发送了延长质保方案和明年的价目表。", "答复了周末响应时间的问题。", "希望按厂区分别开票，已转财务。"),
        "message": ("微信确认周四上午工程师到场。", "微信发送了安装完成的照片。"),
        "note": ("下个月换股东，需要弄清楚谁做决定。", "上午十点前方便接电话。"),
    },
    follow_ups=(
        ("沟通续签服务合同", "合同两个月后到期"),
        ("发送客户要的报价", "上次通话时答应的"),
        ("回访维修结果", "上周工程师到过现场"),
        ("约定年度回顾", "一年没有拜访"),
        ("介绍新价目表", "下个月调价"),
        ("确认是否还需要培训", "对方新招了两名操作员"),
    ),
)  # fmt: skip
