"""What a file of customers or contacts may say beside the record itself: to what they agreed."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from customers.imports.fields import Field
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
        *("同意{}", "{}同意", "接受{}", "是否同意{}", "是否接受{}", "同意{}营销", "{}营销同意", "同意{}行銷"),
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


def _consent(channel: Channel, purpose: Purpose) -> Field:
    made = [word.format(name) for name in _CHANNELS[channel.value] for word in _WORDS[purpose.value]]
    return Field(
        name_of(channel, purpose),
        format_lazy("{}: {} · {}", _("Consent"), channel.label, purpose.label),
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
        format_lazy("{}: {}", _("Consent"), _("said on")),
        *(
            ("consent date", "opt-in date", "consent on", "同意日期", "同意时间", "授权日期", "同意時間"),
            "said",
        ),
    ),
)

BESIDE: dict[str, tuple[Field, ...]] = {
    Import.Kind.CUSTOMERS: _AGREED,
    Import.Kind.CONTACTS: _AGREED,
}
