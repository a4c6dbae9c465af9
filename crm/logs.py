"""One JSON object per log line, with the company and request it belongs to."""

import json
import logging
from datetime import UTC, datetime

from crm.tenancy.context import current_or_none


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if context := current_or_none():
            line |= {"tenant": str(context.tenant_id), "request": str(context.request_id)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
