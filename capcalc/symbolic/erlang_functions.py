"""Erlang's B and C and Palm's A, which know their derivatives, so that results stay readable."""

from __future__ import annotations

from capcalc.symbolic.algebra import (
    ArgumentIndexError,
    Expr,
    Function,
    Sum,
    exp,
    factorial,
    lowergamma,
    prec_to_dps,
    uppergamma,
)
from capcalc.symbolic.notation import a, c, index, positive

#: Up to so many servers the sum is added up, beyond the incomplete gamma function is quicker.
FEW = 30


class ErlangB(Function):  # type: ignore[misc]
    """Share of arrivals that find c servers busy and are lost, at a erlangs."""

    nargs = 2
    arguments = (c, a)
    meaning = "Erlang B, the share of arrivals that c servers without a queue lose"
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """By the load: B (c/a - 1 + B)."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        servers, load = self.args
        return self * (servers / load - 1 + self)

    def doit(self, **hints: bool) -> Expr:
        """The finite sum for few servers, else the incomplete gamma function."""
        servers, load = (each.doit(**hints) for each in self.args)
        forms = self.forms(servers, load)
        few = servers.is_Integer and servers <= FEW
        return forms[0].doit() if few else forms[1]

    def _eval_evalf(self, prec: int) -> Expr:
        """How sympy asks for digits."""
        return self.doit().evalf(prec_to_dps(prec))

    def one_more(self) -> Expr:
        """B for one server more, in terms of B."""
        servers, load = self.args
        return load * self / (servers + 1 + load * self)

    @staticmethod
    def forms(servers: Expr, load: Expr) -> tuple[Expr, ...]:
        """What it is."""
        k = index("k")
        last = load**servers
        total = Sum(load**k / factorial(k), (k, 0, servers))
        return (
            last / factorial(servers) / total,
            last * exp(-load) / uppergamma(servers + 1, load),
        )


class ErlangC(Function):  # type: ignore[misc]
    """Share of arrivals that wait for one of c servers, at a erlangs."""

    nargs = 2
    arguments = (c, a)
    meaning = "Erlang C, the share of arrivals that wait for one of c servers"
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """By the load: C ((c - a)/a + (1 - C)/(c - a))."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        servers, load = self.args
        spare = servers - load
        return self * (spare / load + (1 - self) / spare)

    def doit(self, **hints: bool) -> Expr:
        """From Erlang's B."""
        servers, load = (each.doit(**hints) for each in self.args)
        lost = ErlangB(servers, load).doit()
        return servers * lost / (servers - load * (1 - lost))

    def _eval_evalf(self, prec: int) -> Expr:
        """How sympy asks for digits."""
        return self.doit().evalf(prec_to_dps(prec))

    def one_more(self) -> Expr:
        """C for one server more, in terms of C."""
        servers, load = self.args
        spare = servers - load
        return load * spare * self / (servers * (spare + 1) - load * self)

    @staticmethod
    def forms(servers: Expr, load: Expr) -> tuple[Expr, ...]:
        """What it is."""
        lost = ErlangB(servers, load)
        return (servers * lost / (servers - load * (1 - lost)),)


class PalmA(Function):  # type: ignore[misc]
    """Time with all servers busy over the part of it in which nobody waits, with impatience."""

    nargs = 2
    arguments = (positive("x"), positive("y"))
    meaning = (
        "Palm's function, the time with all servers busy over the part of it in which nobody waits"
    )
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """By its second argument: A (1 - x/y) + x/y."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        x, y = self.args
        return self * (1 - x / y) + x / y

    def doit(self, **hints: bool) -> Expr:
        """The incomplete gamma function."""
        return self.forms(*(each.doit(**hints) for each in self.args))[0]

    def _eval_evalf(self, prec: int) -> Expr:
        """How sympy asks for digits."""
        return self.doit().evalf(prec_to_dps(prec))

    @staticmethod
    def forms(x: Expr, y: Expr) -> tuple[Expr, ...]:
        """What it is."""
        return (x * exp(y) / y**x * lowergamma(x, y),)


# the names by which they are printed
ErlangB.__name__ = "B"
ErlangC.__name__ = "C"
PalmA.__name__ = "A"

#: All functions that have a definition to show.
FUNCTIONS = (PalmA, ErlangC, ErlangB)
