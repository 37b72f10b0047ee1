# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Sending a plan to SearchSpace, in transactions of bounded size."""

from __future__ import annotations

import typing as t

from .._neo4j.spaces import Space
from . import statements
from .plan import Step


class Executed(t.NamedTuple):
    """What was sent, or would be, and what came of it. `left` looks different since the plan was made."""

    statements: list[dict[str, t.Any]]
    changed: dict[str, int]
    left: dict[str, int]


class Writer:
    """Sends the steps of a plan, `batch` rows in a transaction; each transaction may be sent again without harm."""

    def __init__(
        self,
        search: Space,
        batch: int,
        prepared: t.Callable[[str], str],
        before: t.Callable[[], None] = lambda: None,
    ) -> None:
        self._search = search
        self._batch = batch
        self._prepared = prepared
        self._before = before
        self.executed = Executed([], {}, {})

    def show(self, steps: t.Sequence[Step]) -> None:
        """For check mode: the statements with their parameters; those that find by themselves what to do, once."""
        for step in steps:
            for parameters in self._parameters(step):
                self._note(step, parameters)

    def carry_out(self, steps: t.Sequence[Step]) -> None:
        for step in steps:
            for parameters in self._parameters(step):
                done = self.send(step, parameters)
                while step.rows is None and done == self._batch:
                    done = self.send(step, parameters)

    def send(self, step: Step, parameters: dict[str, t.Any]) -> int:
        self._before()
        answer = self._search.write(self._prepared(getattr(statements, step.name)), **parameters)
        self._note(step, parameters)
        done = len({row["id"] for row in answer.rows})
        self._count(self.executed.changed, step.name, done)
        if step.rows is not None:
            self._count(self.executed.left, step.name, len(parameters["rows"]) - done)
        return done

    def _parameters(self, step: Step) -> t.Iterator[dict[str, t.Any]]:
        if step.rows is None:
            yield {"limit": self._batch}
            return
        for start in range(0, len(step.rows), self._batch):
            yield {"rows": step.rows[start : start + self._batch]}

    def _note(self, step: Step, parameters: dict[str, t.Any]) -> None:
        text = self._prepared(getattr(statements, step.name)).strip()
        self.executed.statements.append({"statement": text, "parameters": parameters})

    @staticmethod
    def _count(counts: dict[str, int], name: str, number: int) -> None:
        if number:
            counts[name] = counts.get(name, 0) + number
