"""What the members of a demo company keep and start: views of lists, a file to bring in, tags for many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.demo import Scene
from crm.models import Member, SavedView
from crm.people.roles import Role
from crm.saved_views.lists import list_of
from crm.services.saved_views import save_view, ways_to_share
from customers.demo.arriving import words_of
from customers.demo.people import Client
from customers.models import Import
from customers.selectors.custom import field_by_key
from customers.services.bulk.deeds import TAG, Deed
from customers.services.bulk.running import change_later
from customers.services.imports import uploads

FROM = 100  # customers: a company of less has neither files nor much to do at once
_SHARING = {
    "all": SavedView.Sharing.EVERYONE,
    "team": SavedView.Sharing.TEAM,
    "own": SavedView.Sharing.PRIVATE,
}


def keep_views(scene: Scene) -> int:
    """Views shared with everyone by an administrator, with each team by its lead, and one account manager's own."""
    made = 0
    for view in words_of(scene).views:
        for owner in _keepers(scene, view["by"]):
            made += _keep(view, owner)
    return made


def _keepers(scene: Scene, by: str) -> list[Member]:
    role = {"all": Role.ADMIN, "team": Role.LEAD, "own": Role.MANAGER}[by]
    found = [one for one in scene.members if one.role == role]
    return found[:1] if by == "all" else found


def _keep(view: Mapping[str, Any], owner: Member) -> bool:
    listing, sharing = view.get("list", "customers"), _SHARING[view["by"]]
    if sharing not in ways_to_share(list_of(listing), owner):
        return False
    save_view(
        actor=owner,
        listing=listing,
        name=view["name"],
        filters=view["filters"],
        sort=view.get("sort", ""),
        columns=view.get("columns", ()),
        sharing=sharing,
    )
    return True


def start_work(scene: Scene, agreed: list[Client]) -> None:
    """A messy file whose rows wait to be mended, and a tag for all who agreed: the worker does both."""
    lead = next((one for one in scene.members if one.role == Role.LEAD), None)
    if scene.size < FROM or lead is None:
        return
    words = words_of(scene)
    upload = SimpleUploadedFile(words.file_name, words.file.encode(words.encoding))
    file = uploads.receive(kind=Import.Kind.CUSTOMERS, upload=upload, actor=lead)
    uploads.bring(
        import_=file,
        mapping=file.mapping,
        mode=file.mode,
        key=file.key,
        unknown=file.unknown,
        actor=lead,
        dry_run=True,
    )
    field = field_by_key("customer", "tags")
    if field is not None and "newsletter" in field.labels and agreed:
        deed = Deed(TAG, {"add": {"tags": ["newsletter"]}, "remove": {}})
        change_later(deed=deed, actor=lead, total=len(agreed), ids=[client.id for client in agreed])
