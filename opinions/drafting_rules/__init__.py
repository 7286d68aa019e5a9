"""The rules of the drafting check, one module for each matter; `opinions.drafting_check` asks them all."""
