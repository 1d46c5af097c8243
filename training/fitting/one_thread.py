"""Linear algebra on one thread, for what is fitted: the same sums in the same order on every machine.

The matrices here are small. Handed out to several threads, an inner product is added up in another order, so a model
would depend on how many cores there are; and the threads wait for each other longer than they work.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

_P = ParamSpec("_P")
_R = TypeVar("_R")


def on_one_thread(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function, during which the process's linear algebra (not LightGBM) uses one thread."""

    @wraps(work)
    def alone(*arguments: _P.args, **named: _P.kwargs) -> _R:
        with threadpool_limits(limits=1, user_api="blas"):
            return work(*arguments, **named)

    return alone
