"""What is fitted does not depend on how many threads the process's linear algebra has."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from training.fitting import additive
from training.fitting.one_thread import on_one_thread


def test_the_additive_view_is_the_same_to_the_last_bit_with_one_thread_and_with_two() -> None:
    generator = np.random.default_rng(5)
    values = generator.exponential(2.0, (6000, 400)).astype(np.float32)
    outcome = (generator.random(6000) < 0.05 + 0.05 * (values[:, 0] > 3.0)).astype(np.int8)
    found: list[bytes] = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            scale = additive.Scale.of(values, 3.5)
            (curve,) = additive.fit(scale, additive.Design.of(scale, values), outcome, (1000.0,))
        found.append(curve.coefficient.tobytes())
    assert found[0] == found[1]


def test_the_threads_there_were_are_there_again_afterwards() -> None:
    def threads() -> set[int]:
        return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        assert on_one_thread(threads)() == {1}
        assert threads() == {2}
