"""Matplotlib's backend while a cell runs: Agg, whose `show` puts the open figures on the page."""

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from labs.core.contract.figures import show_open_figures


class FigureManager(FigureManagerBase):
    """A figure without a window."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """What `plt.show()` does: every open figure is shown and closed."""
        show_open_figures()


class FigureCanvas(FigureCanvasAgg):
    """Agg's canvas, managed by the class above."""

    manager_class = FigureManager
