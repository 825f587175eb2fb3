"""Round trips as far as light and the nearest point of presence allow."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def round_trip(distance: Numbers, path_factor: Numbers = 1.5, index: Numbers = 1.468) -> Numbers:
    r"""Least round trip over a distance in fibre, :math:`2 d \kappa n / c`. [s]

    Parameters
    ----------
    distance : array_like
        As the crow flies. [km]
    path_factor, index : array_like
        Length of the fibre over that of the straight line, and its refraction.

    References
    ----------
    .. [1] A. Singla et al., "The Internet at the speed of light", HotNets, 2014.

    Examples
    --------
    >>> round(float(round_trip(6000)) * 1000, 4)
    88.141
    """
    way, longer, slow = broadcast(distance, path_factor, index)
    with np.errstate(all="ignore"):
        good = (way >= 0) & (longer >= 1) & (slow >= 1)
        return np.where(good, 2.0 * way * longer * slow / 299_792.458, np.nan)[()]


def nearest_distance(area: Numbers, points: Numbers) -> Numbers:
    r"""Mean distance to the nearest of K points strewn at random, :math:`\tfrac12\sqrt{A/K}`. [km]

    An approximation for points of presence, which are better placed than at random.

    Parameters
    ----------
    area : array_like
        :math:`A`. [km^2]
    points : array_like
        :math:`K > 0`.

    References
    ----------
    .. [1] P. J. Clark, F. C. Evans, "Distance to nearest neighbor", Ecology 35(4), 1954.

    Examples
    --------
    >>> float(nearest_distance(1e6, 25))
    100.0
    """
    plane, count = broadcast(area, points)
    with np.errstate(all="ignore"):
        good = (plane >= 0) & (count > 0)
        return np.where(good, 0.5 * np.sqrt(np.abs(plane / count)), np.nan)[()]


def points_of_presence(
    area: Numbers, round_trip: Numbers, path_factor: Numbers = 1.5, index: Numbers = 1.468
) -> Numbers:
    r"""Fewest points of presence for a mean round trip, by the same approximation.

    Parameters
    ----------
    area : array_like
        [km^2]
    round_trip : array_like
        Mean to the nearest. [s]
    path_factor, index : array_like
        Length of the fibre over that of the straight line, and its refraction.

    References
    ----------
    .. [1] P. J. Clark, F. C. Evans, "Distance to nearest neighbor", Ecology 35(4), 1954.

    Examples
    --------
    >>> float(points_of_presence(1e7, 0.005))
    22.0
    """
    plane, path, longer, slow = broadcast(area, round_trip, path_factor, index)
    with np.errstate(all="ignore"):
        good = (plane >= 0) & (path > 0) & (longer >= 1) & (slow >= 1)
        way = 0.5 * path * 299_792.458 / (longer * slow)
        return np.where(good, np.maximum(np.ceil(0.25 * plane / (way * way)), 1.0), np.nan)[()]
