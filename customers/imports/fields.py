"""What can be imported: the fields of each kind and the names files give them, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Contact, Contract, Customer, Import, Interaction
from customers.models.interactions import Channel

PREFIX = "custom:"


@dataclass(frozen=True)
class Field:
    """A field of an import. ``reads`` names the converter; ``names`` are the headings that mean it.

    ``choices`` maps stored values to their names in files. ``example`` fills the template, which leaves out what is not
    ``offered``. ``typed`` says of a custom field that its values are no texts, ``refers`` that they name a record.
    """

    name: str
    label: str | Promise
    names: tuple[str, ...] = ()
    reads: str = "text"
    limit: int = 100
    required: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    example: str = ""
    offered: bool = True
    typed: bool = False
    refers: str = ""


KINDS = {
    Customer.Kind.COMPANY.value: (
        "企业",
        "公司",
        "企業",
        "单位",
        "organisation",
        "organization",
        "business",
        "b2b",
    ),
    Customer.Kind.PERSON.value: ("个人", "個人", "individual", "consumer", "private", "b2c"),
}
GENDERS = {
    Customer.Gender.FEMALE.value: ("女", "女性", "f", "w", "woman"),
    Customer.Gender.MALE.value: ("男", "男性", "m", "man"),
    Customer.Gender.OTHER.value: ("其他", "其它", "未知", "x", "unknown", "diverse"),
}
LANGUAGES = {
    "en": ("english", "英语", "英文", "en-gb", "en-us"),
    "zh-hans": ("简体中文", "中文", "汉语", "chinese", "zh", "zh-cn", "simplifiedchinese"),
    "zh-hant": ("繁體中文", "繁体中文", "zh-tw", "zh-hk", "traditionalchinese"),
}
SIZES = {
    "1-9": ("micro", "微型", "1–9", "<10"),
    "10-49": ("small", "小型", "10–49"),
    "50-249": ("medium", "中型", "50–249"),
    "250+": ("large", "大型", ">=250", "250以上"),
}
ROLES = {
    Contact.Role.DECIDES.value: ("decider", "decision maker", "决策人", "决策者", "決策者"),
    Contact.Role.INFLUENCES.value: ("influencer", "影响者", "影響者"),
    Contact.Role.USES.value: ("user", "使用者", "用户"),
    Contact.Role.PAYS.value: ("payer", "accounting", "付款人", "财务"),
    Contact.Role.OTHER.value: ("其他",),
}
CHANNELS = {
    Channel.PHONE.value: ("call", "telephone", "电话", "電話"),
    Channel.VISIT.value: ("in person", "拜访", "拜訪", "上门"),
    Channel.EMAIL.value: ("e-mail", "mail", "邮件", "郵件"),
    Channel.MESSAGE.value: ("sms", "chat", "短信", "消息"),
    Channel.WECHAT.value: ("微信", "weixin"),
    Channel.WEB.value: ("website", "网站", "網站"),
    Channel.OTHER.value: ("其他",),
}
INTERACTIONS = {
    Interaction.Kind.NOTE.value: ("备注", "備註", "记录"),
    Interaction.Kind.CALL.value: ("phone", "电话", "電話", "通话"),
    Interaction.Kind.VISIT.value: ("meeting", "拜访", "拜訪", "回访", "会面"),
    Interaction.Kind.MESSAGE.value: ("chat", "sms", "消息", "短信", "微信"),
    Interaction.Kind.EMAIL.value: ("e-mail", "mail", "邮件", "郵件"),
}
DIRECTIONS = {
    Interaction.Direction.OUT.value: ("outbound", "outgoing", "呼出", "去电", "我方"),
    Interaction.Direction.IN.value: ("inbound", "incoming", "呼入", "来电", "客户"),
    Interaction.Direction.NONE.value: ("internal", "内部"),
}

RENEWALS = {
    Contract.Renewal.FIXED.value: (
        "fixed term",
        "no renewal",
        "no",
        "否",
        "固定期限",
        "到期终止",
        "不续约",
        "到期終止",
        "不續約",
    ),
    Contract.Renewal.AUTO.value: (
        "automatic",
        "auto-renewing",
        "auto renew",
        "yes",
        "是",
        "自动续约",
        "自动续签",
        "自動續約",
    ),
    Contract.Renewal.OPEN.value: (
        "open-ended",
        "until cancelled",
        "unlimited",
        "无固定期限",
        "长期",
        "無固定期限",
        "不定期",
    ),
}
UNITS = {
    Contract.Unit.DAY.value: ("days", "d", "天", "日"),
    Contract.Unit.MONTH.value: ("months", "m", "月", "个月", "個月"),
}
INTERVALS = {
    Contract.Every.ONCE.value: ("one-off", "single", "total", "一次性", "一次", "总额"),
    Contract.Every.MONTH.value: ("monthly", "per month", "每月", "月付", "按月"),
    Contract.Every.QUARTER.value: ("quarterly", "per quarter", "每季度", "季付", "每季", "按季"),
    Contract.Every.YEAR.value: ("yearly", "annual", "annually", "per year", "每年", "年付", "按年"),
}
NOTICE_FROM = {
    Contract.From.CUSTOMER.value: ("client", "客户", "客戶", "甲方"),
    Contract.From.US.value: ("we", "supplier", "我方", "乙方"),
}

_ID_NAMES = (
    "id",
    "customer no",
    "customer number",
    "customer code",
    "客户编号",
    "客户id",
    "客户代码",
    "客戶編號",
    "编号",
)
_PHONE_NAMES = (
    "telephone",
    "tel",
    "mobile",
    "cell",
    "phone number",
    "电话",
    "手机",
    "手机号",
    "手机号码",
    "电话号码",
    "联系手机",
    "联系电话",
    "電話",
    "手機",
)
_EMAIL_NAMES = (
    "电子邮箱",
    "联系邮箱",
    "邮箱地址",
    "電子信箱",
    "e-mail",
    "mail",
    "e-mail address",
    "email address",
    "邮箱",
    "电子邮件",
    "邮件",
    "電子郵件",
    "信箱",
)
_LANGUAGE_NAMES = ("lang", "preferred language", "语言", "語言")
_BIRTHDAY_NAMES = ("birth date", "date of birth", "dob", "生日", "出生日期", "出生年月日")

_CUSTOMER = Field(
    "customer_id", _("Customer's external id"), (*_ID_NAMES[1:], "customer", "client id", "account id"),
    required=True, example="C-1001",
)  # fmt: skip

RECORD_ID = Field("record_id", _("Record id"), ("tenure id",), "record")

FIELDS: dict[str, tuple[Field, ...]] = {
    Import.Kind.CUSTOMERS: (
        RECORD_ID,
        Field("external_id", _("External id"), (*_ID_NAMES, "customer id", "client id", "account id"), example="C-1001"),
        Field("name", _("Name"), ("customer", "customer name", "company", "company name", "client", "account", "客户名称",
              "客户", "公司", "公司名称", "企业名称", "单位名称", "名称", "姓名", "客戶名稱", "公司名稱", "名稱"),
              limit=200, required=True, example="Harbour Supplies Ltd"),
        Field("kind", _("Kind"), ("type", "customer type", "客户类型", "类型", "客戶類型", "類型"), "choice",
              choices=KINDS, example="company"),
        Field("email", _("E-mail"), _EMAIL_NAMES, "email", example="office@harbour.example"),
        Field("phone", _("Phone"), _PHONE_NAMES, "phone", example="+44 20 7946 0958"),
        Field("website", _("Website"), ("url", "web", "homepage", "网站", "网址", "公司网址", "官网", "網站"), limit=200),
        Field("industry", _("Industry"), ("sector", "branch", "行业", "所属行业", "產業", "行業"), example="Retail"),
        Field("size", _("Size"), ("company size", "employees", "staff", "规模", "企业规模", "人数", "規模", "人數"), "size",
              choices=SIZES, example="10-49"),
        Field("region", _("Region"), ("country", "state", "province", "county", "地区", "区域", "所在地区", "所在省份", "省份", "省", "国家", "地區", "國家"),
              example="England"),
        Field("city", _("City"), ("town", "城市", "市", "所在城市", "所在市"), example="Bristol"),
        Field("postcode", _("Postcode"), ("zip", "zip code", "postal code", "post code", "邮编", "邮政编码", "郵遞區號"), limit=20, example="BS1 4DJ"),
        Field("address", _("Address"), ("street", "地址", "详细地址", "公司地址", "联系地址", "詳細地址"), limit=300),
        Field("birthday", _("Birthday"), _BIRTHDAY_NAMES, "day"),
        Field("gender", _("Gender"), ("sex", "性别", "性別"), "choice", choices=GENDERS),
        Field("language", _("Language"), _LANGUAGE_NAMES, "choice", choices=LANGUAGES, example="en"),
        Field("source", _("Source"), ("lead source", "channel", "origin", "来源", "客户来源", "來源"), example="Expo"),
        Field("owner", _("Owner"), ("account manager", "salesperson", "manager", "客户经理", "负责人", "业务员", "客戶經理",
              "負責人"), "member"),
        Field("notes", _("Notes"), ("note", "remark", "remarks", "comment", "comments", "备注", "備註"), limit=5_000),
        Field("created_at", pgettext_lazy("date", "Created"), ("created", "created on", "date added", "since", "customer since",
              "创建时间", "建档日期", "登记日期", "合作日期", "合作时间", "創建時間", "建立時間"), "moment", example="2025-03-01"),
    ),
    Import.Kind.CONTACTS: (
        _CUSTOMER,
        RECORD_ID,
        Field("name", _("Name"), ("contact", "contact name", "full name", "联系人", "姓名", "名字", "聯絡人"), limit=200,
              required=True, example="Grace Hughes"),
        Field("job_title", _("Job title"), ("title", "position", "job", "职位", "职务", "職位", "職稱"), example="Buyer"),
        Field("role", _("Role"), ("角色",), "choice", choices=ROLES, example="decides"),
        Field("email", _("E-mail"), _EMAIL_NAMES, "email", example="grace@harbour.example"),
        Field("phone", _("Phone"), _PHONE_NAMES, "phone", example="+44 20 7946 0958"),
        Field("birthday", _("Birthday"), _BIRTHDAY_NAMES, "day"),
        Field("language", _("Language"), _LANGUAGE_NAMES, "choice", choices=LANGUAGES),
    ),
    Import.Kind.PRODUCTS: (
        Field("code", _("Code"), ("product", "product code", "sku", "stock code", "stockcode", "item", "article", "产品编号",
              "产品代码", "商品编码", "货号", "產品編號", "編號"), required=True, example="S-100"),
        Field("name", _("Name"), ("product name", "description", "title", "产品名称", "商品名称", "名称", "產品名稱", "品名"),
              limit=300, required=True, example="Yearly service"),
        Field("category", _("Category"), ("group", "类别", "分类", "类目", "類別"), example="Service"),
        Field("price", _("List price"), ("unit price", "单价", "价格", "標價", "價格"), "money", example="120.00"),
        Field("active", _("Sold today"), ("available", "在售", "启用", "啟用"), "truth", example="yes"),
    ),
    Import.Kind.PURCHASES: (
        _CUSTOMER,
        Field("customer_name", _("Customer's name, where it is new"), ("客户名称", "客户姓名", "客戶名稱"), limit=200),
        Field("region", _("Customer's region, where it is new"), ("country", "地区", "国家", "省份", "地區", "國家")),
        Field("order_no", _("Order number"), ("order", "order number", "order id", "invoice", "invoice no", "invoice number",
              "invoiceno", "transaction id", "订单号", "订单编号", "发票号", "单号", "訂單號", "訂單編號"), example="2025-0042"),
        Field("purchased_at", _("Purchased"), ("date", "order date", "invoice date", "invoicedate", "purchase date",
              "purchased", "time", "购买时间", "购买日期", "下单时间", "订单日期", "日期", "時間", "訂單日期", "購買日期"), "moment",
              required=True, example="2025-11-03 14:30"),
        Field("amount", _("Amount"), ("total", "sum", "revenue", "order amount", "金额", "总金额", "订单金额", "总价", "金額",
              "總金額"), "money", example="240.00"),
        Field("currency", _("Currency"), ("币种", "货币", "幣別", "貨幣"), "currency"),
        Field("amount_home", _("Amount in own currency"), ("本币金额", "本幣金額"), "home"),
        Field("product", _("Product code"), ("product code", "sku", "stock code", "stockcode", "item", "产品", "产品编号", "商品",
              "商品编码", "货号", "產品", "產品編號"), example="S-100"),
        Field("description", _("Product's name"), ("product name", "item description", "产品名称", "商品名称", "品名", "描述",
              "產品名稱"), limit=300, example="Yearly service"),
        Field("quantity", _("Quantity"), ("qty", "units", "count", "数量", "數量"), "quantity", example="2"),
        Field("unit_price", _("Unit price"), ("price", "单价", "單價", "价格"), "price", example="120.00"),
        Field("return_of", _("Return of (order number)"), ("returns", "returned order", "original order", "original invoice",
              "refund of", "原订单号", "原单号", "退货订单号", "退货单号", "原訂單號", "退貨訂單號", "退貨單號")),
    ),
    Import.Kind.INTERACTIONS: (
        _CUSTOMER,
        Field("external_id", _("External id"), ("id", "interaction id", "记录编号", "编号")),
        Field("happened_at", _("Happened"), ("date", "time", "when", "contact date", "时间", "日期", "联系时间", "拜访时间",
              "時間"), "moment", required=True, example="2025-11-03 14:30"),
        Field("kind", _("Kind"), ("type", "类型", "方式", "類型"), "choice", choices=INTERACTIONS, example="call"),
        Field("channel", _("Channel"), ("渠道", "管道"), "choice", choices=CHANNELS, example="phone"),
        Field("direction", _("Direction"), ("方向",), "choice", choices=DIRECTIONS),
        Field("text", _("What was said"), ("note", "notes", "content", "summary", "内容", "沟通内容", "备注", "記錄", "內容"),
              limit=20_000, example="Asked about the new price list."),
        Field("outcome", _("Outcome"), ("result", "结果", "結果"), limit=200),
        Field("author", _("Author"), ("member", "by", "user", "account manager", "客户经理", "记录人", "跟进人"), "member"),
    ),
    Import.Kind.VISITS: (
        Field("customer_id", _("Customer's external id or name"), (*_ID_NAMES[1:], "customer", "customer name", "company", "client",
              "visited", "客户", "客户名称", "公司", "公司名称", "拜访客户", "客戶", "客戶名稱", "公司名稱", "拜訪客戶"), limit=200, required=True,
              example="C-1001"),
        Field("customer_name", _("Customer's name, where it is new"), limit=200),
        Field("happened_at", _("Visited"), ("date", "time", "when", "visit date", "visited on", "时间", "日期", "拜访时间", "拜访日期", "時間",
              "拜訪日期", "拜訪時間"), "moment", required=True, example="2025-11-03 14:30"),
        Field("author", _("Visited by"), ("by", "visitor", "member", "account manager", "salesperson", "拜访人", "客户经理", "业务员", "拜訪人",
              "客戶經理"), "member"),
        Field("text", _("What was said"), ("note", "notes", "content", "summary", "内容", "拜访内容", "沟通内容", "備註", "拜訪內容"), limit=20_000,
              example="Asked about the new price list."),
        Field("outcome", _("Outcome"), ("result", "结果", "拜访结果", "結果"), limit=200),
        Field("next_step", _("Next step"), ("next", "to do", "todo", "follow-up", "下一步", "后续", "后续跟进", "後續", "後續跟進"), limit=200,
              example="Send an offer"),
        Field("next_on", _("Next step by"), ("next date", "due", "due date", "follow-up date", "跟进日期", "下次跟进", "下次跟进日期", "下一步日期", "跟進日期",
              "下次跟進"), "day", example="2025-11-10"),
    ),
    Import.Kind.CONTRACTS: (
        _CUSTOMER,
        Field("number", _("Contract number"), ("contract", "contract no", "contract number", "contract id", "agreement", "agreement no",
              "合同编号", "合同号", "合約編號", "合約號"), example="V-2025-018"),
        Field("title", _("Title"), ("name", "subject", "contract name", "description", "合同名称", "标题", "名称", "合約名稱", "標題"),
              limit=200, required=True, example="Yearly service"),
        Field("starts_on", _("Begins"), ("start", "start date", "begin", "from", "valid from", "effective date", "开始日期", "生效日期",
              "起始日期", "开始", "開始日期", "生效日"), "day", required=True, example="2025-04-01"),
        Field("ends_on", _("Ends"), ("end", "end date", "until", "valid until", "expiry", "expiry date", "expires", "结束日期", "到期日期",
              "终止日期", "到期日", "結束日期"), "day", example="2026-03-31"),
        Field("renewal", _("Renewal"), ("renewal kind", "renews", "auto renewal", "续约方式", "续约", "是否自动续约", "續約方式", "續約"), "choice",
              choices=RENEWALS, example="auto"),
        Field("term_months", _("Renews for months"), ("term", "renewal term", "续约期限", "续约月数", "續約期限"), "count", example="12"),
        Field("notice", _("Notice period"), ("notice period", "notice months", "通知期", "提前通知", "提前通知期", "通知期限"), "count", example="3"),
        Field("notice_unit", _("Notice unit"), ("unit of notice", "通知单位", "通知期单位", "通知單位"), "choice", choices=UNITS, example="month"),
        Field("remind_days", _("Remind days before"), ("remind", "reminder", "提醒天数", "提前提醒天数", "提醒天數"), "count"),
        Field("value", _("Amount"), ("amount", "contract value", "price", "合同金额", "金额", "价值", "合約金額", "金額"), "money", example="2400.00"),
        Field("currency", _("Currency"), ("币种", "货币", "幣別", "貨幣"), "currency"),
        Field("value_home", _("Value in own currency"), ("本币金额", "本幣金額"), "home"),
        Field("every", _("Paid"), ("interval", "billing", "billing interval", "paid", "period", "付款周期", "付款方式", "计费周期", "付款週期"), "choice",
              choices=INTERVALS, example="year"),
        Field("owner", _("Owner"), ("account manager", "manager", "responsible", "负责人", "客户经理", "負責人", "客戶經理"), "member"),
        Field("notice_given_on", _("Notice given"), ("cancelled on", "cancelled", "terminated on", "终止通知日期", "解约日期", "解約日期"), "day"),
        Field("notice_from", _("Notice from"), ("cancelled by", "terminated by", "通知方", "解约方", "解約方"), "choice", choices=NOTICE_FROM),
        Field("ended_because", _("Why it ends"), ("reason", "end reason", "终止原因", "解约原因", "解約原因"), limit=300),
        Field("notes", _("Notes"), ("note", "remark", "remarks", "comment", "备注", "備註"), limit=5_000),
        Field("author", _("Author"), ("created by", "signed by", "member", "by", "创建人", "签约人", "簽約人"), "member"),
        Field("created_at", pgettext_lazy("date", "Created"), ("created", "created on", "date added", "signed on", "创建时间", "签订日期", "签约日期",
              "建立時間", "簽約日期"), "moment"),
    ),
}  # fmt: skip


def fields_for(kind: str) -> tuple[Field, ...]:
    """The built-in fields of a kind, those of the open company, then what may stand beside the record."""
    from customers.imports.beside import BESIDE
    from customers.imports.custom import own_fields

    return (*FIELDS[kind], *own_fields(kind), *BESIDE.get(kind, ()))


def field_of(kind: str, name: str) -> Field | None:
    known = next((field for field in FIELDS[kind] if field.name == name), None)
    return known or next((field for field in fields_for(kind) if field.name == name), None)
