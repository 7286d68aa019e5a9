"""Groups that draft together before they propose (opinions/SPEC.md, GR)."""
