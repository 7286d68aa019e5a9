"""How people prove who they are: passkeys, another provider's word, and the audit of it."""
