"""What the user sees: the dock and its panels. Each draws the state it is given and calls the session's verbs."""
