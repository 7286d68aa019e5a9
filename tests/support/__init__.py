"""What tests are written with: readable documents (`builders`) and generated ones (`strategies`)."""
