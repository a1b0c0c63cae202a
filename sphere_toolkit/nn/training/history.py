"""The history of a training by epoch, and its chart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Blue and vermilion of Okabe and Ito: told apart by every reader.
_TRAINING, _VALIDATION, _GREY, _PALE = "#0072b2", "#d55e00", "0.4", "0.85"


@dataclass
class History:
    """What `fit` recorded after each epoch: one list per quantity, epoch 1 first.

    Two histories are equal if everything but their ``seconds`` is.

    Attributes
    ----------
    loss, accuracy : list of float
        Mean loss (for classes by default the cross entropy, in nats) and share of correct answers
        over the training samples, each computed with the weights before the step of its batch.
        There is no accuracy without classes.
    validation_loss, validation_accuracy : list of float
        The same over the validation data, with the weights at the end of the epoch; empty without
        validation data.
    learning_rate : list of float
        Of the last batch; empty with an optimiser of your own.
    seconds : list of float
        Wall time of the epoch, including compilation and validation.
    monitor : {"loss", "accuracy"}
        The quantity of the validation data by which the best epoch is chosen.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> history = st.nn.History(loss=[1.0, 0.5], accuracy=[0.5, 0.75], validation_loss=[0.8, 0.9],
    ...     validation_accuracy=[0.6, 0.7], learning_rate=[1e-3, 1e-3], seconds=[2.0, 1.0])
    >>> history.epochs, history.best_epoch
    (2, 1)
    >>> history
    <History: 2 epochs in 3 s; loss 0.5, accuracy 75.0 %; validation 0.9, 70.0 % (best: epoch 1)>
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list, compare=False)
    monitor: str = "loss"

    @property
    def epochs(self) -> int:
        """Number of epochs done."""
        return len(self.loss)

    @property
    def best_epoch(self) -> int | None:
        """The epoch (from 1) with the best validation, the first of equals; None without one."""
        if not self.validation_loss:
            return None
        if self.monitor == "loss":
            return int(np.argmin(self.validation_loss)) + 1
        return int(np.argmax(self.validation_accuracy)) + 1

    def plot(self) -> Figure:
        """Loss and accuracy over the epochs.

        Returns
        -------
        matplotlib.figure.Figure
            Two axes, or one without accuracy; with validation data the best epoch is marked.

        Raises
        ------
        ValueError
            No epoch is done.
        """
        if not self.epochs:
            raise ValueError("there is nothing to plot: no epoch is done")
        import matplotlib.pyplot as plt

        return draw(self, plt.figure(figsize=SIZE, layout="constrained"))

    def extended(self, **row: float) -> History:
        """A copy with one more epoch, given by name: ``loss=0.5, accuracy=0.8, ...``."""
        lists: dict[str, Any] = {name: [*getattr(self, name), value] for name, value in row.items()}
        return replace(self, **lists)

    def to_dict(self) -> dict[str, Any]:
        """All fields by name, in types of JSON; ``History(**history.to_dict())`` is the inverse."""
        return asdict(self)

    def __repr__(self) -> str:
        if not self.epochs:
            return "<History: no epoch is done>"
        text = (
            f"<History: {self.epochs} epoch{'s' * (self.epochs > 1)} in {sum(self.seconds):.3g} s; "
            f"loss {self.loss[-1]:.3g}"
        )
        if self.accuracy:
            text += f", accuracy {100 * self.accuracy[-1]:.1f} %"
        if self.validation_loss:
            text += f"; validation {self.validation_loss[-1]:.3g}"
            if self.validation_accuracy:
                text += f", {100 * self.validation_accuracy[-1]:.1f} %"
            text += f" (best: epoch {self.best_epoch})"
        return text + ">"


SIZE = (6.6, 3.0)


def draw(history: History, figure: Figure) -> Figure:
    """The chart of a history in an empty figure."""
    axes = figure.subplots(1, 2 if history.accuracy else 1, squeeze=False)[0]
    panels = [(axes[0], history.loss, history.validation_loss, 1.0)]
    if history.accuracy:
        panels.append((axes[1], history.accuracy, history.validation_accuracy, 100.0))
    epochs = np.arange(1, history.epochs + 1)
    style: dict[str, Any] = {"linewidth": 1.6, "markersize": 4}
    style["marker"] = "o" if history.epochs < 32 else ""
    for ax, training, validation, factor in panels:
        ax.plot(epochs, factor * np.array(training), color=_TRAINING, label="training", **style)
        if validation:
            values = factor * np.array(validation)
            ax.plot(epochs, values, color=_VALIDATION, label="validation", **style)
            _mark_best(ax, history, values)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color=_PALE, linewidth=0.6, which="both", axis="y")
        ax.set_axisbelow(True)
        ax.set_xlabel("epoch")
        ax.set_xlim(0.5, max(history.epochs, 4) + 0.5)
        ax.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel("cross entropy (nats)" if history.accuracy else "loss")
    _scale_losses(axes[0], [*history.loss, *history.validation_loss])
    if history.accuracy:
        axes[1].set_ylabel("accuracy (%)")
        axes[1].set_ylim(top=101)
    handles, labels = axes[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def _mark_best(ax: Any, history: History, values: Any) -> None:
    """A ring around the best epoch, with its number and value."""
    best = history.best_epoch or 1
    ax.plot(
        best, values[best - 1], "o", markersize=9, markerfacecolor="none", color=_VALIDATION,
        label=f"best epoch: {best}",
    )  # fmt: skip


def _scale_losses(ax: Any, values: list[float]) -> None:
    """A logarithmic axis with plain numbers where the loss spans more than a factor of five."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = min(values), max(values)
    if low <= 0 or high < 5 * low:
        ax.set_ylim(bottom=0)
        return
    ax.set_yscale("log")
    subs = (1, 2, 5) if high < 200 * low else (1,)
    ax.yaxis.set_major_locator(LogLocator(subs=subs))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
