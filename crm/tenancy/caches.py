"""Cache keys carry the company."""

from crm.tenancy.context import current_or_none


def tenant_key(key: str, key_prefix: str, version: int) -> str:
    """``<prefix>:<version>:<tenant or global>:<key>``; what is cached inside a company stays there."""
    context = current_or_none()
    return f"{key_prefix}:{version}:{context.tenant_id if context else 'global'}:{key}"
