"""What is given out of versions and volumes: files made once and kept, bundles with a signed list of them."""
