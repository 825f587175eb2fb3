"""The formulas in sympy: to read, to differentiate, to typeset, and to test the numbers against."""
