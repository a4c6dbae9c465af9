"""What a file of customers or contacts may say beside the record: to what they agreed; a customer's contact."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from customers.imports.fields import ROLES, Field
from customers.models import Consent, Import

Channel, Purpose = Consent.Channel, Consent.Purpose
SAID_AT = "consent_at"

_CHANNELS: dict[str, tuple[str, ...]] = {
    Channel.EMAIL.value: ("e-mail", "mail", "邮件", "电子邮件", "邮箱", "郵件", "電子郵件"),
    Channel.PHONE.value: ("phone", "telephone", "call", "电话", "電話"),
    Channel.MESSAGE.value: ("message", "sms", "短信", "消息", "簡訊"),
    Channel.WECHAT.value: ("wechat", "微信"),
    Channel.POST.value: ("post", "letter", "信件", "邮寄", "郵寄"),
}
_WORDS: dict[str, tuple[str, ...]] = {
    Purpose.MARKETING.value: (
        *("{} consent", "{} marketing", "{} marketing consent", "consent {}", "{} opt-in", "opt-in {}"),
        *("同意{}", "{}同意", "接受{}", "是否同意{}", "是否接受{}"),
        *("同意{}营销", "{}营销同意", "同意{}行銷", "{}行銷同意"),
    ),
    Purpose.SURVEYS.value: ("{} survey consent", "{} surveys", "同意{}调查", "{}调查同意", "同意{}調查"),
    Purpose.CARE.value: ("{} care consent", "{} greetings", "同意{}关怀", "{}关怀同意", "同意{}關懷"),
}
# Without a word on the channel it is mail that is meant.
_PLAIN = {
    (Channel.EMAIL.value, Purpose.MARKETING.value): (
        *("marketing consent", "marketing", "newsletter", "opt-in", "consent", "advertising consent"),
        *("营销同意", "同意营销", "接受营销", "是否同意营销", "是否接受营销", "行銷同意", "同意行銷", "订阅"),
    ),
    (Channel.EMAIL.value, Purpose.SURVEYS.value): ("survey consent", "调查同意", "同意调查"),
    (Channel.EMAIL.value, Purpose.CARE.value): ("care consent", "关怀同意", "同意关怀"),
}
_OFFERED = (Channel.EMAIL.value, Channel.PHONE.value, Channel.MESSAGE.value)


def _consent(channel: Consent.Channel, purpose: Consent.Purpose) -> Field:
    made = [word.format(name) for name in _CHANNELS[channel.value] for word in _WORDS[purpose.value]]
    return Field(
        name_of(channel, purpose),
        format_lazy(_("Consent: {channel} · {purpose}"), channel=channel.label, purpose=purpose.label),
        (*made, *_PLAIN.get((channel.value, purpose.value), ())),
        "consent",
        example="yes 2025-03-01" if channel == Channel.EMAIL else "no",
        offered=purpose == Purpose.MARKETING and channel.value in _OFFERED,
    )


def name_of(channel: str, purpose: str) -> str:
    """The field of a channel and a purpose."""
    return f"consent_{channel}_{purpose}"


CONSENTS: dict[str, tuple[str, str]] = {
    name_of(channel, purpose): (channel.value, purpose.value) for purpose in Purpose for channel in Channel
}

_AGREED = (
    *(_consent(Channel(channel), Purpose(purpose)) for channel, purpose in CONSENTS.values()),
    Field(
        SAID_AT,
        _("Consent: said on"),
        ("consent date", "opt-in date", "consent on", "同意日期", "同意时间", "授权日期", "同意時間"),
        "said",
    ),
)

CONTACT_PREFIX = "contact_"
_PERSON = Field(
    "contact_name",
    _("Contact’s name"),
    (
        *("contact", "contact name", "contact person", "main contact", "联系人", "联系人姓名", "主要联系人"),
        *("聯絡人", "聯絡人姓名", "對接人", "对接人"),
    ),
    limit=200,
    example="Grace Hughes",
)
# Beside a contact's name these are the contact's, else the customer's own or nobody's.
_OF_PERSON = (
    Field(
        "contact_email",
        _("Contact’s e-mail"),
        (
            "contact email",
            "contact mail",
            "联系邮箱",
            "联系人邮箱",
            "联系人电子邮箱",
            "聯絡信箱",
            "聯絡人信箱",
        ),
        "email",
        example="grace@harbour.example",
    ),
    Field(
        "contact_phone",
        _("Contact’s phone"),
        (
            *(
                "contact phone",
                "contact telephone",
                "contact mobile",
                "contact number",
                "联系电话",
                "联系手机",
            ),
            *("联系人电话", "联系人手机", "联系方式", "聯絡電話", "聯絡人電話"),
        ),
        "phone",
    ),
    Field(
        "contact_job_title",
        _("Contact’s job title"),
        (
            *("contact title", "contact position", "title", "job title", "position", "职位", "职务", "职称"),
            *("联系人职位", "联系人职务", "職位", "職稱"),
        ),
        example="Buyer",
    ),
    Field(
        "contact_role",
        _("Contact’s role"),
        ("contact role", "role", "角色", "联系人角色"),
        "choice",
        choices=ROLES,
    ),
)
CONTACT = ("name", "email", "phone", "job_title", "role")


def headings_beside(kind: str) -> list[tuple[str, str]]:
    """Headings and the fields they mean where the file names a contact."""
    if kind != Import.Kind.CUSTOMERS:
        return []
    return [
        (name, field.name) for field in _OF_PERSON for name in (*field.names, field.name, str(field.label))
    ]


BESIDE: dict[str, tuple[Field, ...]] = {
    Import.Kind.CUSTOMERS: (_PERSON, *_OF_PERSON, *_AGREED),
    Import.Kind.CONTACTS: _AGREED,
}
