"""How far a share that was counted may be from the true one. Pure arithmetic.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
(1927).
"""

from math import sqrt

BOTH_SIDES_95 = 1.96
ONE_SIDE_95 = 1.6449


def interval(part: float, count: float, z: float = BOTH_SIDES_95) -> tuple[float, float]:
    """The score interval of ``part`` of ``count``, within 0 and 1; all of it where nothing was
    counted. ``z``: in standard deviations of the normal distribution.
    """
    if count <= 0:
        return 0.0, 1.0
    share = part / count
    middle = share + z**2 / (2 * count)
    spread = z * sqrt((share * (1 - share) + z**2 / (4 * count)) / count)
    scale = 1 + z**2 / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
