"""The shapes of what the web reads and writes as JSON: a module per capability, brought only when one is asked for."""
