"""Feedback, tickets, surveys, invitations and responses in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet, rights
from customers.api.history import HistoryMixin
from customers.api.many import ManyRecordsMixin, ManyRecordsSerializer
from customers.models.interactions import Channel
from feedback import selectors
from feedback.models import Feedback, Survey, SurveyInvitation, SurveyQuestion, SurveyResponse, Ticket
from feedback.services import feedback as feedback_services
from feedback.services import tickets as ticket_services

VIEW, CHANGE = "feedback.view", "feedback.change"


class Readable(ReadOnlyViewSet):
    """Only what belongs to customers the member may see."""

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        member = getattr(self.request, "member", None)
        return queryset if member is None else selectors.narrow(queryset, member)


class FeedbackSerializer(RecordSerializer):
    open_ticket = serializers.BooleanField(write_only=True, required=False, default=False)

    class Meta:
        model = Feedback
        fields = [
            "id",
            "customer",
            "contact",
            "channel",
            "type",
            "topic",
            "sentiment",
            "text",
            "sender_name",
            "sender_email",
            "sender_phone",
            "assigned_to",
            "received_at",
            "handled_at",
            "version",
            "open_ticket",
        ]
        read_only_fields = ["handled_at", "version"]

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        contact, customer = attributes.get("contact"), attributes.get("customer")
        if contact is not None and (customer is None or contact.customer_id != customer.pk):
            raise serializers.ValidationError({"contact": [_("Must be a contact of the customer.")]})
        return attributes


class FeedbackViewSet(mixins.CreateModelMixin, Readable):
    """What customers said, from any channel. ``open_ticket`` makes somebody solve it."""

    resource = "feedback"
    queryset = Feedback.objects.all()
    serializer_class = FeedbackSerializer
    capabilities = {"list": VIEW, "retrieve": VIEW, "create": CHANGE, "handle": CHANGE}
    filters = {
        "customer": ["exact", "in", "isnull"],
        "type": ["exact", "in"],
        "sentiment": ["exact", "in"],
        "channel": ["exact", "in"],
        "assigned_to": ["exact", "isnull"],
        "handled_at": ["isnull"],
        "received_at": ["gte", "lt"],
    }
    ordering_fields = ("received_at",)
    ordering = ("-received_at",)

    def get_queryset(self) -> Any:
        member = getattr(self.request, "member", None)
        return Feedback.objects.all() if member is None else selectors.visible_feedback(member)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = feedback_services.record_feedback(
            actor=self.request.member, **serializer.validated_data
        )

    @extend_schema(request=None, responses=FeedbackSerializer)
    @action(detail=True, methods=["post"])
    def handle(self, request: Any, pk: Any = None) -> Response:
        """Mark it dealt with."""
        feedback = feedback_services.handle_feedback(feedback=self.get_object(), actor=request.member)
        return Response(self.get_serializer(feedback).data)


class TicketSerializer(RecordSerializer):
    class Meta:
        model = Ticket
        fields = [
            "id",
            "number",
            "customer",
            "feedback",
            "subject",
            "description",
            "urgency",
            "impact",
            "priority",
            "status",
            "owner",
            "opened_at",
            "respond_by",
            "first_responded_at",
            "resolved_at",
            "resolution",
            "version",
        ]
        read_only_fields = [
            "number",
            "feedback",
            "priority",
            "status",
            "opened_at",
            "respond_by",
            "first_responded_at",
            "resolved_at",
            "resolution",
            "version",
        ]


class TicketChangeSerializer(TicketSerializer):
    """A ticket stays with its customer."""

    class Meta(TicketSerializer.Meta):
        read_only_fields = [*TicketSerializer.Meta.read_only_fields, "customer"]


class TicketAnswerSerializer(PlainSerializer):
    text = serializers.CharField(max_length=5_000)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.PHONE)


class TicketResolutionSerializer(PlainSerializer):
    resolution = serializers.CharField(max_length=5_000)


class TicketViewSet(
    HistoryMixin, ManyRecordsMixin, mixins.CreateModelMixin, mixins.UpdateModelMixin, Readable
):
    """Problems somebody must solve, with a clock for the first answer."""

    many_rows = many_list = "tickets"
    resource = "tickets"
    queryset = Ticket.objects.filter(customer__deleted_at=None).select_related("customer")
    serializer_class = TicketSerializer
    capabilities = rights(
        VIEW,
        CHANGE,
        answer=CHANGE,
        resolve=CHANGE,
        reopen=CHANGE,
        change_many=CHANGE,
        undo_many=CHANGE,
        as_of=VIEW,
        restore_value=CHANGE,
    )
    parameters = {"as_of": ("at",)}
    filters = {
        "customer": ["exact", "in"],
        "owner": ["exact", "isnull"],
        "status": ["exact", "in"],
        "priority": ["exact", "gte"],
        "opened_at": ["gte", "lt"],
        "respond_by": ["gte", "lt"],
        "resolved_at": ["isnull"],
    }
    ordering_fields = ("opened_at", "respond_by", "number")
    ordering = ("-opened_at",)

    def get_serializer_class(self) -> Any:
        return TicketChangeSerializer if self.action in ("update", "partial_update") else TicketSerializer

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = ticket_services.open_ticket(
            actor=self.request.member, **serializer.validated_data
        )

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = ticket_services.change_ticket(
            ticket=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    @extend_schema(request=ManyRecordsSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="change-many")
    def change_many(self, request: Any) -> Response:
        """Do one thing to many tickets in the background; `undo-many` takes it back.

        Deeds and their values: `assign` (owner, null for nobody), `rate` (urgency, impact: 1 to 3), `resolve`
        (resolution), `reopen`.
        """
        return self.do_to_many(request)

    @extend_schema(request=TicketAnswerSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Any, pk: Any = None) -> Response:
        """Record what the customer was told; the first answer stops the clock."""
        given = body_of(TicketAnswerSerializer, request)
        ticket = ticket_services.answer_ticket(ticket=self.get_object(), actor=request.member, **given)
        return Response(TicketSerializer(ticket).data)

    @extend_schema(request=TicketResolutionSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Any, pk: Any = None) -> Response:
        """Close it with what solved it."""
        given = body_of(TicketResolutionSerializer, request)
        ticket = ticket_services.resolve_ticket(ticket=self.get_object(), actor=request.member, **given)
        return Response(TicketSerializer(ticket).data)

    @extend_schema(request=None, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Any, pk: Any = None) -> Response:
        """Take the resolution back."""
        ticket = ticket_services.reopen_ticket(ticket=self.get_object(), actor=request.member)
        return Response(TicketSerializer(ticket).data)


class QuestionSerializer(RecordSerializer):
    class Meta:
        model = SurveyQuestion
        fields = ["id", "position", "kind", "indicator", "text", "required"]


class SurveySerializer(RecordSerializer):
    questions = QuestionSerializer(many=True, read_only=True)

    class Meta:
        model = Survey
        fields = [
            "id",
            "name",
            "title",
            "intro",
            "thanks",
            "language",
            "state",
            "segment",
            "questions",
            "created_at",
        ]


class SurveyViewSet(ReadOnlyViewSet):
    """Surveys and their questions."""

    resource = "surveys"
    queryset = Survey.objects.prefetch_related("questions")
    serializer_class = SurveySerializer
    capabilities = {"list": VIEW, "retrieve": VIEW}
    filters = {"state": ["exact", "in"], "segment": ["exact"]}
    ordering_fields = ("created_at",)
    ordering = ("-created_at",)


class InvitationSerializer(RecordSerializer):
    class Meta:
        model = SurveyInvitation
        fields = [
            "id",
            "survey",
            "customer",
            "contact",
            "email",
            "created_at",
            "sent_at",
            "opened_at",
            "answered_at",
        ]


class InvitationViewSet(Readable):
    """Who was asked, and whether they opened and answered. Links are the customers' own and never shown."""

    resource = "invitations"
    queryset = SurveyInvitation.objects.all()
    serializer_class = InvitationSerializer
    capabilities = {"list": VIEW, "retrieve": VIEW}
    filters = {
        "survey": ["exact"],
        "customer": ["exact", "in"],
        "answered_at": ["isnull"],
        "created_at": ["gte", "lt"],
    }
    ordering_fields = ("created_at",)
    ordering = ("-created_at",)


class ResponseSerializer(RecordSerializer):
    class Meta:
        model = SurveyResponse
        fields = ["id", "survey", "invitation", "customer", "answered_at", "nps", "csat", "comment"]


class ResponseViewSet(Readable):
    """What customers answered: NPS 0–10, CSAT 0–100."""

    resource = "responses"
    queryset = SurveyResponse.objects.all()
    serializer_class = ResponseSerializer
    capabilities = {"list": VIEW, "retrieve": VIEW}
    filters = {
        "survey": ["exact"],
        "customer": ["exact", "in"],
        "nps": ["exact", "gte", "lte"],
        "csat": ["gte", "lte"],
        "answered_at": ["gte", "lt"],
    }
    ordering_fields = ("answered_at",)
    ordering = ("-answered_at",)
