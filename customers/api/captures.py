"""What comes from outside, over the API: partners send it in, reviewers decide."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.bulk import BulkMixin
from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, RecordSerializer, Reference, body_of
from crm.api.views import ReadOnlyViewSet, RecordViewSet, RestoreMixin, WritableViewSet, rights
from crm.models import Member
from customers.capture.fields import fields
from customers.models import Capture, CaptureTemplate, Customer, Inlet
from customers.services.capture import inlets, many, receiving, reviewing, templates

MOST = 10_000


class CaptureSerializer(RecordSerializer):
    """``values`` by the names of what may be collected: ``name``, ``contact.email``, ``custom.fee``, ``message`` …"""

    values = serializers.DictField(child=serializers.JSONField())
    context = serializers.DictField(child=serializers.CharField(max_length=2000), required=False)
    candidates = serializers.ListField(child=serializers.DictField(), read_only=True)
    received_at = serializers.DateTimeField(required=False)
    template = Reference(
        queryset=CaptureTemplate.objects.living().filter(active=True), required=False, allow_null=True
    )

    class Meta:
        model = Capture
        fields = [
            *(
                "id",
                "template",
                "channel",
                "external_id",
                "source",
                "campaign",
                "title",
                "values",
                "context",
                "candidates",
            ),
            *("customer", "contact", "owner", "state", "reason", "received_at", "decided_at", "decided_by"),
        ]
        read_only_fields = [
            *("channel", "title", "customer", "contact", "owner", "state", "reason"),
            *("decided_at", "decided_by"),
        ]
        validators: list[Any] = []


class AcceptSerializer(PlainSerializer):
    """To whom the new customer belongs; else to whom the capture was meant for, else to the key's member."""

    owner = Reference(queryset=Member.objects.active(), required=False)


class MergeCaptureSerializer(PlainSerializer):
    """The customer it is one with, and the fields in which what was given replaces what stands there."""

    customer = Reference(queryset=Customer.objects.living())
    take = serializers.ListField(child=serializers.CharField(max_length=60), default=list)


class RejectSerializer(PlainSerializer):
    """Why."""

    reason = serializers.CharField(allow_blank=True, default="", max_length=300)


class DecideSerializer(PlainSerializer):
    """Which wait no longer: ``ids``, or all that wait of a source, campaign or channel."""

    deed = serializers.ChoiceField(
        choices=[many.ACCEPT, many.MERGE, many.REJECT],
        help_text="`merge`: each with the one customer it certainly is; those without such a one go on waiting.",
    )
    ids = serializers.ListField(child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST)
    source = serializers.CharField(required=False, max_length=100)
    campaign = serializers.CharField(required=False, max_length=100)
    channel = serializers.ChoiceField(choices=Capture.Channel.choices, required=False)
    owner = Reference(
        queryset=Member.objects.active(), required=False, help_text="Of accepting: whose the customers are."
    )
    reason = serializers.CharField(allow_blank=True, default="", max_length=300, help_text="Of rejecting.")


class CaptureViewSet(BulkMixin, mixins.CreateModelMixin, ReadOnlyViewSet):
    """What came from outside. It waits until somebody accepts, merges or rejects it; each can be undone.

    With a ``template`` only its fields are taken, and those it requires are required. Sending the same ``external_id``
    again answers with the capture that is there already.
    """

    resource = "captures"
    queryset = Capture.objects.all()
    serializer_class = CaptureSerializer
    capabilities = {
        "list": "customers.change",
        "retrieve": "customers.change",
        "create": "customers.change",
        "accept": "customers.change",
        "merge": "customers.change",
        "reject": "customers.change",
        "undo": "customers.change",
        "decide_many": "customers.change",
    }
    filters = {
        "state": ["exact", "in"],
        "channel": ["exact", "in"],
        "source": ["exact", "in"],
        "campaign": ["exact", "in"],
        "external_id": ["exact"],
        "customer": ["exact"],
        "received_at": ["gte", "lt"],
    }
    ordering_fields = ("received_at",)
    ordering = ("-received_at",)

    def perform_create(self, serializer: Any) -> None:
        values = dict(serializer.validated_data)
        serializer.instance, _new = receiving.receive(
            channel=Capture.Channel.API, given=values.pop("values"), actor=self.request.member, **values
        )

    @extend_schema(request=AcceptSerializer, responses={200: CaptureSerializer})
    @action(detail=True, methods=["post"])
    def accept(self, request: Any, pk: Any = None) -> Response:
        """Make a customer of it; ``customer`` names it."""
        return self._decided(reviewing.accept, **body_of(AcceptSerializer, request))

    @extend_schema(request=MergeCaptureSerializer, responses={200: CaptureSerializer})
    @action(detail=True, methods=["post"])
    def merge(self, request: Any, pk: Any = None) -> Response:
        """Let it be one with a customer: what is blank there is filled, what ``take`` names is replaced."""
        return self._decided(reviewing.merge, **body_of(MergeCaptureSerializer, request))

    @extend_schema(request=RejectSerializer, responses={200: CaptureSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Any, pk: Any = None) -> Response:
        """Put it aside."""
        return self._decided(reviewing.reject, **body_of(RejectSerializer, request))

    @extend_schema(request=None, responses={200: CaptureSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Any, pk: Any = None) -> Response:
        """Let it wait again; what was changed since stays."""
        return self._decided(reviewing.undo)

    @extend_schema(request=DecideSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="decide-many", pagination_class=None, filter_backends=[])
    def decide_many(self, request: Any) -> Response:
        """Accept, merge or reject all that are meant, in the background; the job's result lists those left alone."""
        given = body_of(DecideSerializer, request)
        narrowed = {name: given[name] for name in ("source", "campaign", "channel") if name in given}
        if "ids" in given:
            narrowed["pk__in"] = given["ids"]
        waiting = self.get_queryset().waiting().filter(**narrowed).order_by("received_at", "id")
        job = many.decide_later(
            deed=given["deed"],
            ids=list(waiting.values_list("pk", flat=True)[:MOST]),
            actor=request.member,
            owner=given.get("owner"),
            reason=given["reason"],
        )
        return accepted(job)

    def _decided(self, deed: Any, **given: Any) -> Response:
        capture = deed(capture=self.get_object(), actor=self.request.member, **given)
        return Response(self.get_serializer(capture).data)


class AskedSerializer(PlainSerializer):
    """A field by its name among what may be collected; a blank label is the field's own."""

    name = serializers.CharField(max_length=60)
    label = serializers.CharField(max_length=100, allow_blank=True, default="")
    help = serializers.CharField(max_length=200, allow_blank=True, default="")
    required = serializers.BooleanField(default=False)


class CaptureTemplateSerializer(RecordSerializer):
    fields_asked = AskedSerializer(many=True, source="fields")
    owner = Reference(queryset=Member.objects.active(), required=False, allow_null=True)
    language = serializers.ChoiceField(
        choices=[code for code, _name in settings.LANGUAGES], required=False, allow_blank=True
    )
    sites = serializers.ListField(child=serializers.URLField(max_length=200), required=False, max_length=50)

    class Meta:
        model = CaptureTemplate
        fields = [
            *("id", "name", "title", "intro", "thanks", "language", "source", "campaign", "owner", "consent"),
            *("consent_required", "consent_channel", "consent_purpose", "sites", "puzzle", "active"),
            *("fields_asked", "created_at"),
        ]
        read_only_fields = ["created_at"]

    def validate_fields_asked(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names, known = [one.get("name", "") for one in given], fields()
        if not names:
            raise serializers.ValidationError(_("Choose at least one field to ask for."))
        if unknown := [name for name in names if name not in known]:
            raise serializers.ValidationError(_("There is no such field: %(name)s") % {"name": unknown[0]})
        if len(set(names)) < len(names):
            raise serializers.ValidationError(_("Each field can be asked for once."))
        return given

    def validate_sites(self, given: list[str]) -> list[str]:
        """A frame belongs to a site as a whole."""
        return ["/".join(site.split("/")[:3]) for site in given]


class TemplateAddressSerializer(serializers.Serializer):
    """Where visitors fill it in, and where a program posts what was filled in elsewhere."""

    page = serializers.CharField()
    hook = serializers.CharField()


class CaptureTemplateViewSet(RestoreMixin, RecordViewSet):
    """What is to be collected: the fields, which of them are required, and where captures by it belong.

    One that is deleted closes its page and its hook; restored it has the same addresses.
    """

    resource = "capture-templates"
    queryset = CaptureTemplate.objects.living()
    restorable = CaptureTemplate.objects.deleted()
    serializer_class = CaptureTemplateSerializer
    capabilities = rights(
        "customers.change", "customers.import", restore="customers.import", address="settings.manage"
    )
    filters = {"active": ["exact"], "name": ["exact"]}
    ordering_fields = ("name", "created_at")
    ordering = ("name",)

    def perform_create(self, serializer: Any) -> None:
        self._save(serializer, None)

    def perform_update(self, serializer: Any) -> None:
        self._save(serializer, serializer.instance)

    def _save(self, serializer: Any, template: CaptureTemplate | None) -> None:
        values = serializer.validated_data
        serializer.instance = templates.save_template(template=template, actor=self.request.member, **values)

    def perform_destroy(self, instance: CaptureTemplate) -> None:
        templates.delete_template(template=instance, actor=self.request.member)

    def perform_restore(self, instance: CaptureTemplate) -> CaptureTemplate:
        return templates.restore_template(template=instance, actor=self.request.member)

    @extend_schema(responses={200: TemplateAddressSerializer})
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def address(self, request: Any, pk: Any = None) -> Response:
        """The addresses of its page and of its hook. Whoever knows the latter may post: keep it secret."""
        template = self.get_object()
        return Response({"page": templates.path_of(template), "hook": templates.hook_path_of(template)})


class InletSerializer(RecordSerializer):
    owner = Reference(queryset=Member.objects.active(), required=False, allow_null=True)

    class Meta:
        model = Inlet
        fields = ["id", "kind", "name", "source", "campaign", "owner", "app_id", "active", "created_at"]


class InletSecretsSerializer(serializers.Serializer):
    """Where is delivered to, and what is entered at WeChat; both stay the same."""

    path = serializers.CharField()
    token = serializers.CharField(allow_blank=True)
    key = serializers.CharField(allow_blank=True)


class InletViewSet(WritableViewSet):
    """Addresses to which a WeChat account or a mail server delivers. One no longer wanted has ``active`` false."""

    resource = "inlets"
    queryset = Inlet.objects.all()
    serializer_class = InletSerializer
    capabilities = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update", "secrets"), "settings.manage"
    )
    filters = {"kind": ["exact"], "active": ["exact"]}
    ordering_fields = ("name", "created_at")
    ordering = ("name",)

    def perform_create(self, serializer: Any) -> None:
        self._save(serializer, None)

    def perform_update(self, serializer: Any) -> None:
        self._save(serializer, serializer.instance)

    def _save(self, serializer: Any, inlet: Inlet | None) -> None:
        values = serializer.validated_data
        serializer.instance = inlets.save_inlet(inlet=inlet, actor=self.request.member, **values)

    @extend_schema(responses={200: InletSecretsSerializer})
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def secrets(self, request: Any, pk: Any = None) -> Response:
        """Its address, and for WeChat the Token and the EncodingAESKey: keep them secret."""
        inlet = self.get_object()
        wechat = inlet.kind == Inlet.Kind.WECHAT
        told = {
            "token": inlets.wechat_token(inlet) if wechat else "",
            "key": inlets.wechat_key(inlet) if wechat else "",
        }
        return Response({"path": inlets.path_of(inlet), **told})
