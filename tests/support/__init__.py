"""What tests are written with: readable documents (`builders`), generated ones (`strategies`), people, servers."""
