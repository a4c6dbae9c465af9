"""What can be refused about customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.errors import Conflict, DomainError, NotAllowed, NotFound


class FollowUpClosed(Conflict):
    """Someone already completed or skipped this follow-up."""

    code = "follow_up_closed"
    message = _("This follow-up is already closed.")


class AlreadyErased(Conflict):
    """The person was erased before."""

    code = "already_erased"
    message = _("This person was erased. Nothing is left to do.")


class NoReason(DomainError):
    """Erasing needs a reason, kept in the history."""

    code = "no_reason"
    message = _("Say why: the history keeps who erased, when and why.")


class NotMarked(Conflict):
    """Nothing stands against the address any more."""

    code = "address_not_marked"
    message = _("This address is not marked.")


class ExternalIdTaken(Conflict):
    """Another customer of the company has this external id."""

    code = "external_id_taken"
    message = _("Another customer already has this external id.")


class CustomerGone(Conflict):
    """The customer was deleted; it can be restored."""

    code = "customer_deleted"
    message = _("This customer was deleted. Restore it to go on working with it.")


class CustomerLives(Conflict):
    """There is nothing to restore."""

    code = "customer_not_deleted"
    message = _("This customer is not deleted.")


class AlreadyReviewed(Conflict):
    """The record no longer waits for a decision."""

    code = "already_reviewed"
    message = _("Somebody has already decided about this record.")


class WrongContact(DomainError):
    """The contact belongs to another customer."""

    code = "wrong_contact"
    message = _("This contact belongs to another customer.")


class Nameless(DomainError):
    """A record without a name cannot be found again."""

    code = "name_required"
    message = _("A name is needed.")

    def __init__(self) -> None:
        super().__init__(errors={"name": [str(self.message)]})


class OrderNumberTaken(Conflict):
    """Another purchase has this order number."""

    code = "order_number_taken"
    message = _("Another purchase already has this order number.")


class ReturnTooLarge(DomainError):
    """More is given back than was bought and not returned yet."""

    code = "return_too_large"
    message = _("No more can be returned than was bought and not returned yet.")


class WrongReturn(DomainError):
    """A return has a negative amount and is of the same customer's purchase."""

    code = "wrong_return"
    message = _("A return has a negative amount and takes back a purchase of the same customer.")


class NotRestorable(DomainError):
    """The entry says nothing of this field, or nobody may set it."""

    code = "not_restorable"
    message = _("This value cannot be put back.")


class ChangedSince(Conflict):
    """The field was changed again after the entry; ``more`` says to what."""

    code = "changed_since"
    message = _("The field was changed again since. Say that it shall be put back all the same.")


class WentAway(Conflict):
    """The record the value refers to is no more."""

    code = "reference_gone"
    message = _("Who or what stood there is no longer there.")


class CodeTaken(Conflict):
    """Another product has this code."""

    code = "code_taken"
    message = _("Another product already has this code.")


class ForeignAmount(DomainError):
    """The purchase is in another currency, and nobody said what it is in the company's."""

    code = "amount_home_required"
    message = _("Give amount_home: the amount in the company's own currency.")


class LikelyDuplicate(Conflict):
    """A customer like this one exists; ``errors`` names the candidates."""

    code = "likely_duplicate"
    message = _("A customer like this one exists. Say allow_duplicates=true to make another.")


class NothingToMerge(DomainError):
    """A merge needs a survivor and at least one other customer."""

    code = "nothing_to_merge"
    message = _("Choose at least two different customers.")


class TooManyToMerge(DomainError):
    """More customers than a person can compare side by side."""

    code = "too_many_to_merge"
    message = _("Merge at most ten customers at once.")


class WrongChoice(DomainError):
    """A field's value was to come from a customer that is not part of the merge, or the field cannot be chosen."""

    code = "wrong_choice"
    message = _("Choose each value from one of the customers that are merged.")


class MergeUndone(Conflict):
    """The merge was taken back before."""

    code = "merge_undone"
    message = _("This merge was already undone.")


class AlreadyUndone(Conflict):
    """What was done to many was taken back before."""

    code = "already_undone"
    message = _("This was already undone.")


class MergedAgain(Conflict):
    """What the merge led to was itself merged; that merge must be undone first."""

    code = "merged_again"
    message = _("The customer was merged once more since. Undo that merge first.")


class AlreadyDecided(Conflict):
    """Somebody has merged the pair or told it apart."""

    code = "already_decided"
    message = _("Somebody has already decided about this pair.")


class MergedAway(NotFound):
    """The record was merged; ``more`` names the one it became."""

    code = "merged"
    message = _("This customer was merged into another.")


class NothingCaptured(DomainError):
    """What came from outside says nothing about who it is or what is wanted."""

    code = "nothing_captured"
    message = _("Give at least a name, an address, a number or a message.")


class WrongCapture(DomainError):
    """Values from outside that do not fit their fields; ``errors`` names each."""

    code = "invalid"
    message = _("Some fields are not valid.")


class NotSigned(NotAllowed):
    """A call from outside without the signature of who knows the secret."""

    code = "not_signed"


class NotDecided(Conflict):
    """The capture still waits: there is nothing to take back."""

    code = "not_decided"
    message = _("Nothing was decided about this yet.")


class WorkedOn(Conflict):
    """The record that was accepted was changed since; undoing would lose that."""

    code = "worked_on"
    message = _("Somebody has worked on the new record since. Delete it there if it should go.")


class NumberTaken(Conflict):
    """Another contract has this number."""

    code = "number_taken"
    message = _("Another contract already has this number.")


class EndNeeded(DomainError):
    """A contract that ends or renews itself needs the day its term ends."""

    code = "end_required"
    message = _("Give the day it ends: only a contract that runs until notice is given has none.")


class EndsTooSoon(DomainError):
    """A contract cannot end before it begins."""

    code = "ends_before_start"
    message = _("It cannot end before it begins.")


class ForeignValue(DomainError):
    """The contract is in another currency, and nobody said what it is worth in the company's."""

    code = "value_home_required"
    message = _("Give the value in the company's own currency too.")


class ContractGone(Conflict):
    """The contract was deleted; it can be restored."""

    code = "contract_deleted"
    message = _("This contract was deleted. Restore it first.")


class ContractLives(Conflict):
    """There is nothing to restore."""

    code = "contract_not_deleted"
    message = _("This contract is not deleted.")


class NoticeGiven(Conflict):
    """Notice was given before."""

    code = "notice_already_given"
    message = _("Notice was already given.")


class NoNotice(Conflict):
    """There is no notice to take back."""

    code = "no_notice"
    message = _("No notice was given.")


class NoCertainMatch(Conflict):
    """The capture is not certainly one customer: none, or several."""

    code = "no_certain_match"
    message = _("It has no certain match, or more than one.")
