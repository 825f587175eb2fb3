"""The time until a server is free for a class when requests that go first keep coming."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from capcalc.theory.arrays import Array

#: Nodes on the logarithm of the variable; 13 to either side of the scales the terms are 1e-17.
NODES, MARGIN, SMALLEST = 400, 13.0, 1e-40

Law = Callable[[Array, Array], Array]


def mixture(
    law: Law,
    time: Array,
    rate: Array,
    earlier: Array,
    spare: Array,
    spare_before: Array,
    speed: Array,
) -> Array:
    r"""A question about a class's delay, given that it is delayed, as a sum over exponential laws.

    A delay of exponential work (rate :math:`m - \lambda_a`), extended by the busy periods of
    the requests that go first, has the transform

    .. math:: \frac{m - \lambda_a}{y(s) - \lambda_a}, \qquad
       y^2 - (m + \lambda_H + s) y + \lambda_H m = 0, \qquad \lambda_a = \lambda_H + \lambda_k

    singular on the negative axis only. With :math:`r = \sqrt{\lambda_H m}`,
    :math:`x_\vartheta = (\sqrt m - \sqrt{\lambda_H})^2 + 4 r \sin^2(\vartheta/2)` and
    :math:`x_0 = (m - \lambda_a) \lambda_k / \lambda_a` the delay is therefore a mixture of
    exponential times,

    .. math:: P(D > t) = \frac{(\lambda_a^2 - r^2)^+}{\lambda_a \lambda_k} e^{-x_0 t}
       + \frac{2 r^2 (m - \lambda_a)}{\pi} \int_0^\pi
       \frac{\sin^2\vartheta \; e^{-x_\vartheta t} \, d\vartheta}
       {x_\vartheta \, (r^2 - 2 r \lambda_a \cos\vartheta + \lambda_a^2)}

    all of whose terms are positive: no digits are lost in the tail. The integral is taken by
    the trapezoidal rule in :math:`\ln \tan(\vartheta/2)`, where its several scales lie apart.

    Parameters
    ----------
    law : callable
        What is asked of one exponential time, from its rate [1/s] and ``time``.
    time : ndarray
        Time. [s]
    rate, earlier : ndarray
        :math:`\lambda_k` of the class, :math:`\lambda_H` of those that go first. [1/s]
    spare, spare_before : ndarray
        :math:`m - \lambda_a > 0` and :math:`m - \lambda_H`. [1/s]
    speed : ndarray
        :math:`m`, rate at which all servers together end services. [1/s]

    References
    ----------
    .. [1] O. Kella, U. Yechiali, "Waiting times in the non-preemptive priority M/M/c queue",
       Stoch. Models 1, 1985 (the transform).
    .. [2] J. Abate, W. Whitt, "Transient behavior of the M/M/1 queue via Laplace transforms",
       Adv. Appl. Probab. 20, 1988 (mixtures of exponential times).

    Examples
    --------
    >>> one = np.ones(1)
    >>> law = lambda rate, time: np.exp(-rate * time)
    >>> mixture(law, one, 0.4 * one, 0.0 * one, 0.6 * one, one, one).round(6)
    array([0.548812])
    """
    with np.errstate(all="ignore"):
        # in units of the speed; a power of two apart all is alike
        own, first = rate / speed, earlier / speed
        left, left_before = spare / speed, spare_before / speed
        until = own + first
        root = np.sqrt(first)
        gap = (left_before / (1.0 + root)) ** 2
        # r - lambda_a, from r^2 - lambda_a^2 = lambda_H (m - lambda_a) - lambda_a lambda_k
        near = (first * left - until * own) / (root + until)
        pole = np.where(until > 0, left * own / until, left)
        weight = np.where(near < 0, -near * (root + until) / (until * own), 0.0)
        total = np.where(until > 0, weight, 1.0) * law(pole * speed, time)
        scale = np.minimum(gap / (4.0 * root), near * near / (4.0 * root * until))
        scale = np.maximum(scale, SMALLEST)
        low = 0.5 * np.log(np.minimum(scale, 1.0)) - MARGIN
        step = (MARGIN - low) / NODES
        factor = 16.0 * first * left / np.pi * step
        rest = np.zeros(total.shape)
        for node in range(NODES + 1):
            square = np.exp(2.0 * (low + node * step))
            sine = square / (1.0 + square)
            decay = gap + 4.0 * root * sine
            below = decay * (near * near + 4.0 * root * until * sine)
            part = sine * np.sqrt(square) / (1.0 + square) ** 2 / below
            rest += part * law(decay * speed, time)
        return total + np.where(first > 0, factor * rest, 0.0)
