"""The domain: values, rules, views, notation. No event loop, no file, no clock."""
