"""Numbers and lists in words: durations, sizes and what is named one after the other, in the language of the moment."""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, parted as the language parts them."""
    return QCoreApplication.translate("Lists", ", ").join(names)


class Durations:
    """Times as a person says them."""

    @staticmethod
    def left(seconds: float) -> str:
        """Return a remaining time, such as `about 4 min left`."""
        said = QCoreApplication.translate("Durations", "about {time} left")
        return said.format(time=Durations.length(seconds))

    @staticmethod
    def length(seconds: float) -> str:
        """Return a length of time in its one fitting unit."""
        if seconds < 90:
            return QCoreApplication.translate("Durations", "{n} s").format(n=max(1, round(seconds)))
        if seconds < 5_400:
            return QCoreApplication.translate("Durations", "{n} min").format(n=round(seconds / 60))
        return QCoreApplication.translate("Durations", "{n} h").format(n=f"{seconds / 3600:.1f}")

    @staticmethod
    def clock(seconds: float) -> str:
        """Return a place in a recording, such as `0:03.2`."""
        minutes, rest = divmod(max(0.0, seconds), 60)
        return f"{int(minutes)}:{rest:04.1f}"

    @staticmethod
    def when(moment: datetime) -> str:
        """Return a moment: the time for today, the date for other days."""
        local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
        if local.date() == QDateTime.currentDateTime().date():
            return QLocale().toString(local.time(), "HH:mm")
        return QLocale().toString(local.date(), QLocale.FormatType.ShortFormat)


def size_in_words(size: int) -> str:
    """Return a number of bytes such as `84 KB`."""
    return QLocale().formattedDataSize(
        size, 1 if size > 10 * 1024 else 0, QLocale.DataSizeFormat.DataSizeTraditionalFormat
    )
