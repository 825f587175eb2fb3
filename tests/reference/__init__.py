"""An independent reference solver, an event simulation and a generator of scenarios, for tests only."""
