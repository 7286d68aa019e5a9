"""Groups that draft together before they propose."""
