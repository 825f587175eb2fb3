"""The `capcalc` command: one thin file a subcommand, loaded when it is asked for."""
