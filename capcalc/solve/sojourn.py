"""One visit's stay at its own tier: a wait, then a service; or the slowest of several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.distributions import delayed_exponential, gamma_service
from capcalc.units.types import Numbers

#: Below this scv a law is so sharp that the contour of the fast inversion loses digits
#: (measured: 2e-10 from 0.05 on, 1e-5 at 0.02); the Fourier series takes over there.
SHARP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sojourn:
    """Wait (0, or exponential) plus gamma service at one of the hosts (DESIGN ruling 9)."""

    prob_wait: Numbers
    wait: Numbers
    service_time: Numbers
    scv: Numbers
    branches: int = 1

    @property
    def mean(self) -> Numbers:
        """Mean stay; of the slowest branch where there are several. [s]"""
        if self.branches == 1:
            return np.add(self.wait, self.service_time)[()]
        from capcalc.theory.distributions import maximum

        slowest = maximum.mean(self.branches, *self._stable())
        return np.where(np.isfinite(self.wait), slowest, self.wait)[()]

    @property
    def variance(self) -> Numbers:
        """Variance of wait and service, of one branch where there are several. [s^2]"""
        prob_wait, wait, service_time, scv = self._stable()
        waits = np.asarray(prob_wait) > 0
        second = np.where(waits, 2.0 / np.where(waits, prob_wait, 1.0) - 1.0, 0.0)
        served = np.multiply(scv, np.square(service_time))
        return np.asarray(second * np.square(wait) + served)[()]

    @property
    def smooth(self) -> NDArray[np.bool_]:
        """Where the transform is known, and tame, left of the imaginary axis as well."""
        tame = np.asarray(self.scv) >= SHARP
        if self.branches == 1:
            return tame
        from capcalc.theory.distributions import maximum

        return tame & maximum.is_well_conditioned(self.branches, *self._stable())

    @property
    def scale(self) -> Numbers:
        """A finite time of the order of the stay, also where the station is saturated. [s]"""
        return np.add(np.where(np.isfinite(self.wait), self.wait, 0.0), self.service_time)[()]

    def transform(self, s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Laplace-Stieltjes transform E exp(-s T); 0 where the stay never ends."""
        finite = np.isfinite(self.wait)
        stays = self._finite(s)
        return stays if np.all(finite) else np.where(finite, stays, 0.0)

    def _finite(self, s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        prob_wait, wait, service_time, scv = self._stable()
        if self.branches == 1:
            waiting = delayed_exponential.transform(s, prob_wait, wait)
            return waiting * gamma_service.transform(s, service_time, scv)
        from capcalc.theory.distributions import maximum

        good = maximum.is_well_conditioned(self.branches, prob_wait, wait, service_time, scv)
        arguments = (s, self.branches, prob_wait, wait, service_time, scv)
        if np.all(good):
            return maximum.transform(*arguments)
        numeric = maximum.transform_by_quadrature(*arguments)
        return np.where(good, maximum.transform(*arguments), numeric) if np.any(good) else numeric

    def _stable(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """The parameters, harmless where the station is saturated."""
        finite = np.isfinite(self.wait)
        prob_wait = np.where(finite, self.prob_wait, 0.0)[()]
        return prob_wait, np.where(finite, self.wait, 0.0)[()], self.service_time, self.scv
