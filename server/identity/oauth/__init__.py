"""The OAuth 2.1 server: authlib's grants over our rows. One concern, and as a rule one RFC, a file."""
