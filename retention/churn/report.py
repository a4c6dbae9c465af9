"""The back-test's report: plain figures, and what a page says about them as codes with facts."""

from dataclasses import asdict, dataclass

from retention.churn.intervals import Interval

ORIGINS_WANTED = 3
_TOO_GOOD = 0.90
# Predicted and actual shares further apart than this are told as over- or understating.
_SHARE_OFF = 0.03


@dataclass(frozen=True, slots=True)
class Origin:
    """One cut: everyone who had bought by then, and who of them bought nothing in the horizon after it.

    ``level`` is the rung used; on rung 0 the figures of a probability are None. ``features`` holds the AUC of
    each single column, ``precision`` the share that left among the ``capacity`` highest risks, and
    ``value_captured`` the share of the leavers' value among the ``capacity`` highest values at risk.
    """

    cut: int
    n: int
    churned: int
    level: int
    why: str
    auc: float | None
    log_loss: float | None
    base_log_loss: float | None
    brier: float | None
    base_brier: float | None
    ece: float | None
    lift10: float | None
    precision: float | None
    value_captured: float | None
    mean_probability: float | None
    gap_auc: float | None
    rfm_auc: float | None
    shuffled_auc: float | None
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something too good to be true: the column or the back-test itself, and its AUC."""

    code: str
    column: str
    auc: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence for the page: a code and its numbers."""

    code: str
    facts: dict[str, float]


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """A tenth of the customers: mean probability, share that left, customers."""

    predicted: float
    observed: float
    customers: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The report. The figures at the top are those of the newest origin, ``origins[0]``."""

    horizon: int
    capacity: int
    newest: Origin
    origins: tuple[Origin, ...]
    intervals: dict[str, Interval]
    calibration: tuple[CalibrationPoint, ...]
    alarms: tuple[Alarm, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, object]:
        """Everything as plain dictionaries, lists, numbers and None; the newest origin's figures on top."""
        whole = asdict(self)
        return {**whole.pop("newest"), **whole}


def alarms_of(origin: Origin) -> tuple[Alarm, ...]:
    """Columns, and the score itself, that tell leavers apart too well to be known before the outcome."""
    columns = [Alarm("feature", column, auc) for column, auc in origin.features.items() if auc > _TOO_GOOD]
    if origin.auc is not None and origin.auc > _TOO_GOOD:
        columns.append(Alarm("backtest", "probability", origin.auc))
    return tuple(columns)


def findings_of(origins: tuple[Origin, ...], found: dict[str, Interval]) -> tuple[Finding, ...]:
    """What the page says: how many origins, how it compares with its baselines, how far its level is off."""
    newest, said = origins[0], []
    scored = sum(origin.auc is not None for origin in origins)
    if scored < ORIGINS_WANTED:
        said.append(Finding("few_origins", {"origins": scored, "wanted": ORIGINS_WANTED}))
    if newest.level == 0:
        said.append(Finding("rules_only", {"n": newest.n}))
    if newest.auc is None:
        return tuple(said)
    said += _compared(newest, newest.auc)
    said += _levels(newest)
    if "auc" in found:
        interval = found["auc"]
        said.append(Finding("auc", {"auc": interval.value, "low": interval.low, "high": interval.high}))
    if newest.value_captured is not None:
        said.append(Finding("value_captured", {"share": newest.value_captured}))
    return tuple(said)


def _compared(newest: Origin, auc: float) -> list[Finding]:
    said = []
    for name, baseline in (("gap", newest.gap_auc), ("rfm", newest.rfm_auc)):
        if baseline is not None:
            verdict = "beats" if auc > baseline else "loses_to"
            said.append(Finding(f"{verdict}_{name}", {"auc": auc, "baseline": baseline}))
    if newest.log_loss is not None and newest.base_log_loss is not None:
        code = "better_than_base_rate" if newest.log_loss < newest.base_log_loss else "worse_than_base_rate"
        said.append(Finding(code, {"log_loss": newest.log_loss, "base": newest.base_log_loss}))
    return said


def _levels(newest: Origin) -> list[Finding]:
    if newest.mean_probability is None:
        return []
    actual = newest.churned / newest.n
    off = newest.mean_probability - actual
    code = "overstates" if off > _SHARE_OFF else "understates" if off < -_SHARE_OFF else "level_is_right"
    return [Finding(code, {"predicted": newest.mean_probability, "actual": actual})]
