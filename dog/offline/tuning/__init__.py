"""Search the settings of a policy that predict best."""
