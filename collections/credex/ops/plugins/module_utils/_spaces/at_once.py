# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Several things at once, each in a thread of its own."""

from __future__ import annotations

import threading
import typing as t

T = t.TypeVar("T")


class Later(t.Generic[T]):
    """An action in a thread of its own, and its answer or its error when it is asked for."""

    def __init__(self, action: t.Callable[[], T]) -> None:
        self._answer: t.Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(action,), daemon=True)
        self._thread.start()

    def _run(self, action: t.Callable[[], T]) -> None:
        try:
            self._answer = action()
        except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller
            self._error = error

    def result(self) -> T:
        self._thread.join()
        if self._error:
            raise self._error
        return t.cast(T, self._answer)


def at_once(*actions: t.Callable[[], T]) -> list[T]:
    """The answers of all actions in their order, or the first error."""
    return [later.result() for later in [Later(action) for action in actions]]
