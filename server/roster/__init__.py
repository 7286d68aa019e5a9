"""Who takes part: rosters, invitations, nominations, the balance of the group, roles in one Opinion and for a while."""
