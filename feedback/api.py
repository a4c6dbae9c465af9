"""Feedback, tickets, surveys, invitations and responses in the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.schema import answers_with
from crm.api.serializers import PlainSerializer, RecordSerializer
from crm.api.views import ResourceViewSet
from crm.models import Member
from feedback import selectors
from feedback.models import Feedback, Survey, SurveyInvitation, SurveyResponse, Ticket
from feedback.services import feedback as feedback_services
from feedback.services import tickets as ticket_services
