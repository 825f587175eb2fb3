"""One server and any law of service: all questions, from the mean, the scv and the transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, spare_rate
from capcalc.theory.queues import mg1, residual

#: Transforms of the service, the residual service and its complement, for parameters at points.
Transforms: TypeAlias = Callable[[Any, NDArray[np.complex128]], tuple[NDArray[np.complex128], ...]]


class Station:
    """An M/G/1 station; arrays broadcast, elements out of the domain are ``nan``."""

    def __init__(
        self,
        arrival_rate: Numbers,
        mean: Array,
        scv: Array,
        parameters: Mapping[str, Array],
        transforms: Transforms,
        invert: residual.Inversion,
    ) -> None:
        """``parameters`` have the shape of the answers first; ``mean`` is of the service. [s]"""
        with np.errstate(all="ignore"):
            self.parameters = (np.asarray(arrival_rate, dtype=float), 1.0 / mean, scv)
            self.mean = mean
            self._wide, self._transforms, self._invert = parameters, transforms, invert

    def utilization(self) -> Numbers:
        """Offered load of the server."""
        return mg1.utilization(*self.parameters)

    def prob_wait(self) -> Numbers:
        """Share that waits."""
        return mg1.prob_wait(*self.parameters)

    def mean_wait(self) -> Numbers:
        """By Pollaczek and Khinchine. [s]"""
        return mg1.mean_wait(*self.parameters)

    def mean_response(self) -> Numbers:
        """Wait and service. [s]"""
        return mg1.mean_response(*self.parameters)

    def mean_queue_length(self) -> Numbers:
        """Number waiting."""
        return mg1.mean_queue_length(*self.parameters)

    def mean_number(self) -> Numbers:
        """Number waiting or served."""
        return mg1.mean_number(*self.parameters)

    def wait_cdf(self, time: Numbers) -> Numbers:
        """Law of the wait."""
        return self._cdf(time, served=False)

    def wait_quantile(self, p: Numbers) -> Numbers:
        """Its inverse. [s]"""
        return self._quantile(p, served=False)

    def response_cdf(self, time: Numbers) -> Numbers:
        """Law of the response."""
        return self._cdf(time, served=True)

    def response_quantile(self, p: Numbers) -> Numbers:
        """Its inverse. [s]"""
        return self._quantile(p, served=True)

    def _shares(self, shape: tuple[int, ...]) -> tuple[Array, Array]:
        """Busy and idle, ``nan`` out of the domain."""
        rate, speed, _ = self.parameters
        busy = np.asarray(mg1.prob_wait(*self.parameters))
        with np.errstate(all="ignore"):
            spare = np.asarray(spare_rate(rate, speed, 1.0)) / speed
            idle = np.where(np.isnan(busy), np.nan, spare)
        return np.broadcast_to(busy, shape), np.broadcast_to(idle, shape)

    def _law(self, shape: tuple[int, ...], served: bool) -> Callable[..., tuple[Array, Array]]:
        busy, idle = self._shares(shape)

        def law(part: NDArray[np.bool_], time: Array) -> tuple[Array, Array]:
            chosen = {
                name: np.broadcast_to(value, (*shape, *value.shape[len(self._shape) :]))[part]
                for name, value in self._wide.items()
            }

            def service(s: NDArray[np.complex128]) -> Any:
                return self._transforms(chosen, s)

            return residual.survival(
                time, busy[part], idle[part], service, self._invert, served=served
            )

        return law

    @property
    def _shape(self) -> tuple[int, ...]:
        return self._wide["mean"].shape

    def _cdf(self, time: Numbers, *, served: bool) -> Numbers:
        shape = np.broadcast_shapes(np.shape(time), self._shape)
        moment = np.broadcast_to(np.asarray(time, dtype=float), shape)
        law = self._law(shape, served)
        with np.errstate(all="ignore"):
            busy, idle = self._shares(shape)
            return residual.cdf(moment, busy, idle, lambda part, t: law(part, t)[0], served)[()]

    def _quantile(self, p: Numbers, *, served: bool) -> Numbers:
        shape = np.broadcast_shapes(np.shape(p), self._shape)
        level = np.broadcast_to(np.asarray(p, dtype=float), shape)
        with np.errstate(all="ignore"):
            busy, idle = self._shares(shape)
            start = np.broadcast_to(np.asarray(self.mean_response()), shape)
            law = self._law(shape, served)
            return residual.quantile(level, busy, idle, start, law, served)[()]
