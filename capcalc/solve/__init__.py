"""Model -> Solution, in closed form."""
